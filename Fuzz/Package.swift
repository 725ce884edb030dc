// swift-tools-version: 6.3
import PackageDescription

// `package` declarations are seen under the name of their package, which SwiftPM takes from the folder of the checkout.
let repository = Context.packageDirectory.split(separator: "/").dropLast().last ?? ""
let packageName = String(repository.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "_" })

// `make fuzz`. With the sanitizers as options of the build, all modules are instrumented. MeterBridge is a daemon, not a
// library for others: its parts are reached as its own tests reach them.
let package = Package(
  name: "Fuzz",
  dependencies: [.package(name: "MeterBridge", path: "../")],
  targets: [
    .executableTarget(
      name: "Fuzz",
      dependencies: [.product(name: "MeterBridge", package: "MeterBridge")],
      packageAccess: false,
      swiftSettings: [
        .strictMemorySafety(), .treatAllWarnings(as: .error),
        // libFuzzer brings the entry point.
        .unsafeFlags(["-parse-as-library", "-package-name", packageName]),
      ])
  ],
  swiftLanguageModes: [.v6]
)
