package import Decoders

/// A decoder that remembers how far its meters' frame counters have risen.
protocol FrameCounting {
  var counters: [DLMSFrameCounter] { get }
}

extension DLMSDecoder: FrameCounting {}
extension EncryptedP1Decoder: FrameCounting {}
