internal import Base
internal import CMosquitto
internal import Glibc

extension MosquittoClient {
  /// Sets the functions that the library calls from `serve` and `publish`.
  func setCallbacks() {
    unsafe mosquitto_user_data_set(handle, Unmanaged.passUnretained(self).toOpaque())
    unsafe mosquitto_connect_v5_callback_set(handle, onConnect)
    unsafe mosquitto_disconnect_v5_callback_set(handle, onDisconnect)
    unsafe mosquitto_publish_v5_callback_set(handle, onPublish)
    unsafe mosquitto_subscribe_v5_callback_set(handle, onSubscribe)
    unsafe mosquitto_message_v5_callback_set(handle, onMessage)
    // The library formats every packet for this callback. Only TLS needs its words.
    if settings.tls != nil { unsafe mosquitto_log_callback_set(handle, onLog) }
  }
}

private func client(_ context: UnsafeMutableRawPointer?) -> MosquittoClient? {
  unsafe context.map { unsafe Unmanaged<MosquittoClient>.fromOpaque($0).takeUnretainedValue() }
}

// Functions, not closures: a closure could be inferred main-actor isolated and trap on the library's call.
private func onConnect(
  _: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ reason: Int32, _: Int32, _ properties: OpaquePointer?
) {
  guard let client = unsafe client(context) else { return }
  guard reason == 0 else {
    return client.note(.refused(reason: reason, words: unsafe client.words(in: properties)))
  }
  var connAck = MosquittoClient.ConnAck()
  connAck.retains = client.mayRetain
  var size: UInt32 = 0
  if unsafe mosquitto_property_read_int32(properties, MQTT_PROP_MAXIMUM_PACKET_SIZE.code, &size, false) != nil {
    connAck.maximumPacketSize = Int(size)
  }
  var receiveMaximum: UInt16 = 0
  if unsafe mosquitto_property_read_int16(properties, MQTT_PROP_RECEIVE_MAXIMUM.code, &receiveMaximum, false) != nil {
    connAck.receiveMaximum = Int(receiveMaximum)
  }
  var retains: UInt8 = 1
  if unsafe mosquitto_property_read_byte(properties, MQTT_PROP_RETAIN_AVAILABLE.code, &retains, false) != nil {
    connAck.retains = retains != 0
  }
  var shared: UInt8 = 1
  if unsafe mosquitto_property_read_byte(properties, MQTT_PROP_SHARED_SUB_AVAILABLE.code, &shared, false) != nil {
    connAck.hasSharedSubscriptions = shared != 0
  }
  client.note(.accepted(connAck))
}

private func onDisconnect(
  _: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ code: Int32, _ properties: OpaquePointer?
) {
  let system = errno
  guard let client = unsafe client(context) else { return }
  client.note(.closed(client.cause(code, system: system, words: unsafe client.words(in: properties))))
}

private func onPublish(
  _: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ id: Int32, _ reason: Int32, _ properties: OpaquePointer?
) {
  guard let client = unsafe client(context) else { return }
  client.note(.published(id: id, reason: reason, words: unsafe client.words(in: properties)))
}

private func onSubscribe(
  _: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ id: Int32, _ count: Int32,
  _ granted: UnsafePointer<Int32>?, _ properties: OpaquePointer?
) {
  guard let client = unsafe client(context) else { return }
  let codes = unsafe Array(UnsafeBufferPointer(start: granted, count: granted == nil ? 0 : Int(count)))
  client.note(.subscribed(id: id, granted: codes, words: unsafe client.words(in: properties)))
}

private func onMessage(
  _: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ message: UnsafePointer<mosquitto_message>?,
  _ properties: OpaquePointer?
) {
  guard let message = unsafe message?.pointee, let topic = unsafe message.topic, let client = unsafe client(context)
  else { return }
  // A broker of 3.1.1 does not know our limit.
  guard unsafe client.settings.isKept || message.payloadlen <= Int32(Limits.incomingMessageBytes) else { return }
  let count = unsafe message.payload == nil ? 0 : min(Int(message.payloadlen), client.settings.payloadKept)
  let payload = unsafe [UInt8](UnsafeRawBufferPointer(start: message.payload, count: count))
  unsafe client.note(
    .message(
      MosquittoClient.Message(
        topic: String(cString: topic), payload: payload, size: Int(message.payloadlen), isRetained: message.retain,
        id: message.qos > 0 ? Int32(message.mid) : 0, time: UserProperty.value(of: "time", in: properties))))
}

private func onLog(
  _: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ level: Int32, _ words: UnsafePointer<CChar>?
) {
  guard level == MOSQ_LOG_ERR, let words = unsafe words else { return }
  unsafe client(context)?.note(words: String(cString: words))
}
