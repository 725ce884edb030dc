/// What a test needs and cannot have: a socket, a thread, a folder.
package struct Failure: Error {
  package let what: String

  package init(what: String) { self.what = what }
}
