#if DEBUG
  import Decoders

  @testable import Base
  @testable package import Meters

  extension String {
    /// Whether the text holds six characters of a secret, as text or in hexadecimal.
    package func tells(_ secret: String) -> Bool {
      let text = uppercased()
      let characters = Array(secret.uppercased())
      return (0...(characters.count - 6)).contains { start in
        let part = String(characters[start..<start + 6])
        return text.contains(part) || text.contains(Hexadecimal.text(part.utf8))
      }
    }

    /// Whether the text holds a part of either secret.
    package func tells(_ credentials: SKSTACKCredentials) -> Bool {
      tells(credentials.identifier.reveal) || tells(credentials.password.reveal)
    }
  }
#endif
