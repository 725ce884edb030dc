// swift-tools-version: 6.3
import PackageDescription

// `package` declarations are seen under the name of their package, which SwiftPM takes from the folder of the checkout.
let repository = Context.packageDirectory.split(separator: "/").dropLast().last ?? ""
let packageName = String(repository.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "_" })

// A package of its own, so that the product's manifest depends on nothing.
let package = Package(
  name: "Benchmarks",
  dependencies: [.package(name: "MeterBridge", path: "../")],
  targets: [
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        .product(name: "CCrypto", package: "MeterBridge"),
        .product(name: "MeterBridge", package: "MeterBridge"),
      ],
      packageAccess: false,
      swiftSettings: [
        .treatAllWarnings(as: .error), .enableExperimentalFeature("Lifetimes"),
        .unsafeFlags(["-package-name", packageName]),
      ])
  ],
  swiftLanguageModes: [.v6]
)
