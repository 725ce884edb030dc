// swift-tools-version: 6.2
import PackageDescription

// `make fuzz`. With the sanitizers as options of the build, Decoders is instrumented too.
let package = Package(
  name: "Fuzz",
  dependencies: [.package(name: "MeterBridge", path: "../")],
  targets: [
    .executableTarget(
      name: "Fuzz",
      dependencies: [.product(name: "Decoders", package: "MeterBridge")],
      swiftSettings: [
        .strictMemorySafety(), .treatAllWarnings(as: .error),
        // libFuzzer brings the entry point.
        .unsafeFlags(["-parse-as-library"]),
      ])
  ],
  swiftLanguageModes: [.v6]
)
