/// Apator's radio modules, as far as the layers below the records go.
enum ApatorModule {
  /// The maker's letters, the second of his radio modules.
  static let makers = [MBusHeaders.code("APA"), MBusHeaders.code("APT")]

  /// The address of a module with the first letters, which it enciphers with. Nil for any other address.
  static func twin(of module: WirelessAddress) -> WirelessAddress? {
    guard module.manufacturer & 0x7FFF == makers[1] else { return nil }
    var twin = module
    twin.manufacturer = makers[0]
    return twin
  }
}
