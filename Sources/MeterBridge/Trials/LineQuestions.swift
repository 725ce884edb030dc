internal import Base
internal import Meters
internal import Platform

/// Finds out which meter or dongle answers on a line: it asks in each protocol, with each of its line settings.
struct LineQuestions {
  struct Question {
    let meterProtocol: ProtocolDescription
    let line: LineSettings
  }

  enum Result {
    case answered(InquiryAnswer, Question)
    case silence
    /// The source cannot be read.
    case failed(String)
    case interrupted
  }

  let address: SourceAddress
  /// In order: first the usual settings of each protocol, then the others. A gateway has settings of its own.
  let questions: [Question]

  /// - Parameters:
  ///   - address: the source.
  ///   - protocols: those to ask in.
  init(on address: SourceAddress, of protocols: [ProtocolDescription] = ProtocolDescription.configurable) {
    self.address = address
    let asked = protocols.filter { $0.inquiry != nil }
    let usual = asked.map { Question(meterProtocol: $0, line: $0.line) }
    let others = asked.flatMap { known in known.otherInquiryLines.map { Question(meterProtocol: known, line: $0) } }
    questions = usual + (address.hasLine ? others : [])
  }

  /// Asks until something answers.
  ///
  /// - Parameters:
  ///   - lookup: for gateways whose host is a name.
  ///   - signals: end it; nil to let them end the program.
  ///   - begin: gets each question, and its place in the order.
  /// - Returns: the first answer, or why there is none.
  func ask(lookup: LookupThread?, signals: Signals?, begin: (Question, Int) -> Void) -> Result {
    for (index, question) in questions.enumerated() {
      begin(question, index)
      let made = question.meterProtocol.inquiry?(question.line, address.isSocket, address.hasLine)
      guard var inquiry = made else { continue }
      let run = ConversationRun(address: address, lookup: lookup, signals: signals, tell: { _ in })
      switch run.run(&inquiry, with: question.line) {
      case .done: break
      case .failed(let reason): return .failed(reason)
      case .interrupted: return .interrupted
      }
      if let answer = inquiry.answer { return .answered(answer, question) }
    }
    return .silence
  }
}
