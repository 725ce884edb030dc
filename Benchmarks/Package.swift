// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that the product's manifest depends on nothing.
let package = Package(
  name: "Benchmarks",
  dependencies: [.package(name: "MeterBridge", path: "../")],
  targets: [
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        .product(name: "CCrypto", package: "MeterBridge"),
        .product(name: "Decoders", package: "MeterBridge"),
        .product(name: "MQTT", package: "MeterBridge"),
      ],
      swiftSettings: [.treatAllWarnings(as: .error), .enableExperimentalFeature("Lifetimes")])
  ],
  swiftLanguageModes: [.v6]
)
