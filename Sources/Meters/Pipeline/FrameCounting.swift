package import Decoders

/// A decoder that remembers the frame counters of its meters.
protocol FrameCounting {
  var counters: [DLMSFrameCounter] { get }
}

extension DLMSDecoder: FrameCounting {}
extension EncryptedP1Decoder: FrameCounting {}
