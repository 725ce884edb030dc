package import Base
package import Meters

/// The names of all devices as people see them. Ids, topics and unique ids do not depend on them.
///
/// A meter is called as the user wrote it, else by maker and model, else by its id. Meters of one model get their number
/// behind it, or their id if the number does not tell them apart. A sub-meter is called after its meter: `Home gas`.
package struct DeviceNames: Sendable {
  private var devices: [String: Box<Device>] = [:]
  /// The ids of meters that maker and model do not tell apart, by model and then by number.
  private var alike: [String: [String?: Set<String>]] = [:]
  /// The ids of sub-meters, by that of their meter.
  private var submeters: [String: Set<String>] = [:]

  package init(_ devices: some Sequence<Device> = []) {
    for device in devices { note(Box(device)) }
  }

  /// Takes a device as it is now. Returns the ids of other devices that may be called otherwise from now on.
  @discardableResult
  package mutating func note(_ noted: Box<Device>) -> Set<String> {
    let device = noted.value
    guard devices[device.id] != noted else { return [] }
    var renamed = forget(device.id)
    devices[device.id] = noted
    if let parent = device.parent {
      submeters[parent, default: []].insert(device.id)
      return renamed
    }
    if let model = device.modelName {
      renamed.formUnion(others(like: device, of: model))
      alike[model, default: [:]][device.serial, default: []].insert(device.id)
    }
    renamed.formUnion(withSubmeters(renamed.union([device.id])))
    renamed.remove(device.id)
    return renamed
  }

  /// A device is gone. Returns the ids of devices that may be called otherwise from now on.
  @discardableResult
  package mutating func forget(_ id: String) -> Set<String> {
    guard let device = devices.removeValue(forKey: id)?.value else { return [] }
    if let parent = device.parent { submeters[parent]?.remove(id) }
    guard device.parent == nil, let model = device.modelName else { return [] }
    alike[model]?[device.serial]?.remove(id)
    if alike[model]?[device.serial]?.isEmpty == true { alike[model]?[device.serial] = nil }
    return withSubmeters(others(like: device, of: model))
  }

  /// The device with its name for people.
  package func named(_ device: Device) -> Device {
    var named = device
    named.name = name(of: device)
    return named
  }

  private func name(of device: Device) -> String {
    if let name = device.name { return name }
    if let parent = device.parent {
      let what = device.id.hasPrefix(parent + "_") ? device.id.dropFirst(parent.count + 1) : device.id[...]
      return (devices[parent].map { name(of: $0.value) } ?? parent) + " " + what.replacing("_", with: " ")
    }
    guard let model = device.modelName, let group = alike[model] else { return device.shownName }
    let isAlone = group[device.serial]?.subtracting([device.id]).isEmpty ?? true
    guard group.count > 1 || !isAlone else { return device.shownName }
    return "\(model) \(isAlone ? device.serial ?? device.id : device.id)"
  }

  /// Those of a model whose names depend on whether this device is among them.
  private func others(like device: Device, of model: String) -> Set<String> {
    let group = alike[model] ?? [:]
    if group.count == 1, let all = group.first?.value, all.count == 1 { return all }
    // More of one number are called by their ids already.
    return group[device.serial].flatMap { $0.count == 1 ? $0 : nil } ?? []
  }

  private func withSubmeters(_ ids: Set<String>) -> Set<String> {
    ids.reduce(into: ids) { $0.formUnion(submeters[$1] ?? []) }
  }
}

extension Device {
  /// Maker and model, if that is its name.
  fileprivate var modelName: String? { name == nil && model != nil ? shownName : nil }
}
