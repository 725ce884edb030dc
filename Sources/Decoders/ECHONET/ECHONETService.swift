/// The kind of request or answer: the service code ESV (ECHONET Lite specification, part II, table 3-9).
package enum ECHONETService: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  case setIRefused = 0x50
  case setCRefused = 0x51
  case getRefused = 0x52
  case notificationRefused = 0x53
  case setGetRefused = 0x5E
  case setI = 0x60
  case setC = 0x61
  case get = 0x62
  case notificationRequest = 0x63
  case setGet = 0x6E
  case setResponse = 0x71
  case getResponse = 0x72
  case notification = 0x73
  case confirmedNotification = 0x74
  case confirmation = 0x7A
  case setGetResponse = 0x7E

  /// The standard's own abbreviation.
  package var name: String {
    switch self {
    case .setIRefused: "SetI_SNA"
    case .setCRefused: "SetC_SNA"
    case .getRefused: "Get_SNA"
    case .notificationRefused: "INF_SNA"
    case .setGetRefused: "SetGet_SNA"
    case .setI: "SetI"
    case .setC: "SetC"
    case .get: "Get"
    case .notificationRequest: "INF_REQ"
    case .setGet: "SetGet"
    case .setResponse: "Set_Res"
    case .getResponse: "Get_Res"
    case .notification: "INF"
    case .confirmedNotification: "INFC"
    case .confirmation: "INFC_Res"
    case .setGetResponse: "SetGet_Res"
    }
  }

  /// A request to get or set properties, not an answer of a meter.
  package var isRequest: Bool { rawValue & 0xF0 == 0x60 }

  /// Two lists of properties, to set and to get. This program does not send such requests.
  var hasTwoLists: Bool { rawValue & 0x0F == 0x0E }

  /// The properties have values of the meter. Answers to settings only repeat the request.
  package var carriesValues: Bool {
    switch self {
    case .getResponse, .getRefused, .notification, .confirmedNotification: true
    default: false
    }
  }
}

/// The sender or receiver of a frame: class group, class and instance (EOJ).
package struct ECHONETObject: Hashable, Sendable, BitwiseCopyable {
  package var group: UInt8
  package var classCode: UInt8
  /// The number within its class, from 1.
  package var instance: UInt8

  package init(_ group: UInt8, _ classCode: UInt8, _ instance: UInt8) {
    self.group = group
    self.classCode = classCode
    self.instance = instance
  }

  /// The low-voltage smart electric energy meter.
  package static let meter = ECHONETObject(0x02, 0x88, 0x01)
  /// The controller in the house: our own role.
  package static let controller = ECHONETObject(0x05, 0xFF, 0x01)
  /// The profile that every node has.
  package static let nodeProfile = ECHONETObject(0x0E, 0xF0, 0x01)

  /// Class 0288, any instance.
  package var isMeter: Bool { group == 0x02 && classCode == 0x88 }
  /// Class 0EF0.
  package var isNodeProfile: Bool { group == 0x0E && classCode == 0xF0 }
  /// The three bytes of the frame.
  package var bytes: [UInt8] { [group, classCode, instance] }
}
