/// Every bound of the program. Nothing that comes from outside may grow past one of these.
package enum Limits {
  /// Bytes of one M-Bus or DLMS frame.
  package static let frameBytes = 4 * 1024
  /// Bytes of one P1 telegram.
  package static let p1Bytes = 16 * 1024
  /// Meters of one configuration, unless `limits: {meters: N}` says otherwise.
  package static let meters = 256
  /// What `limits: {meters: N}` may say at most.
  package static let mostMeters = 10_000
  /// Characters of a meter's id and of a node id: Home Assistant joins both with a field's name into 255.
  package static let idCharacters = 64
  /// Bytes of a topic or topic prefix in the configuration.
  package static let configuredTopicBytes = 256
  /// Bytes of a file that `!file` reads.
  package static let configuredFileBytes = 64 * 1024
  /// Bytes of a configuration file.
  package static let configurationBytes = 1024 * 1024
  /// Nesting of YAML and JSON; libyaml takes quadratic time in it.
  static let nesting = 64
  /// Bytes of the dead-letter log, over all its files.
  package static let deadLetterBytes = 64 * 1024 * 1024
  /// Files of the dead-letter log.
  package static let deadLetterFiles = 4
  /// Bytes of one line of the dead-letter log: the longest frame in hexadecimal, and room for the texts.
  package static let deadLetterLineBytes = 128 * 1024
  /// Bytes of one text of a dead letter.
  package static let deadLetterTextBytes = 1024
  /// Bytes of the state file. The totals and topics of one meter take some 5 KiB, and as many meters as may be configured
  /// must be found again.
  package static let stateFileBytes = mostMeters * 16 * 1024
  /// Bytes of the file that says where a meter was found on the air.
  package static let networkFileBytes = 4 * 1024
  /// Messages handed to the broker and not yet acknowledged.
  package static let inFlight = 20
  /// Keep-alives that a message may be unacknowledged; a broker that says nothing at all is given up after two.
  package static let keepAlivesUnanswered: Int64 = 3
  /// Bytes of the journal's file, unless `limits: {journal_megabytes: N}` says otherwise; the oldest readings go first.
  package static let journalBytes = 64 * 1024 * 1024
  /// What `limits: {journal_megabytes: N}` may say at most.
  package static let mostJournalMegabytes = 65_536
  /// Bytes of the readings that the journal holds in memory, before they are written or while they cannot be.
  package static let journalMemoryBytes = 4 * 1024 * 1024
  /// How long a reading may be unacknowledged before it is written.
  package static let readingPatience = Milliseconds.seconds(2)
  /// The same once the program has been told to end.
  package static let lastPatience = Milliseconds(300)
  /// Between two transactions of the journal, each of which waits for the disk.
  package static let journalPause = Milliseconds(500)
  /// Until a journal that failed is tried again.
  package static let journalRetry = Milliseconds.seconds(10)
  /// How long readings wait for the journal to say what an earlier run has left.
  package static let journalOpening = Milliseconds.seconds(30)
  /// Readings that the journal gives out at a time, and their bytes, of which the first reading may have more.
  package static let fetchedReadings = 32
  package static let fetchedBytes = 16 * 1024
  /// Meters whose readings the journal is asked for at a time.
  package static let fetches = 8
  /// Readings of one meter, and bytes of all, that lie ready to be sent.
  package static let readingsAtHand = 32
  package static let bytesAtHand = 2 * 1024 * 1024
  /// Between two messages that tell the journal what has been delivered.
  package static let deliveredPause = Milliseconds(500)
  /// Readings a second at which each meter's history goes out, unless `limits: {replay_per_second: N}` says otherwise.
  package static let replayPerSecond = 50
  /// Events of `bridge/dead_letter` waiting to be written; the newest goes first.
  package static let deadLetterEvents = 64
  /// Milliseconds after the order to end in which values still go out before `bridge/state` says `offline`.
  package static let lastValues: Int64 = 700
  /// Milliseconds after the order to end in which the broker must have acknowledged `offline`.
  package static let farewell: Int64 = 1_200
  /// Telegrams that must agree before a total is believed that fell or jumped.
  package static let agreeingTelegrams = 5
  /// Numbers of a meter that are known beside the newest one, so that they do not pass for other meters.
  package static let formerNumbers = 4
  /// Dead letters that one register may write at once; after them one a minute.
  package static let lettersAtOnce = 10
  /// Readings of a meter after which a field of an earlier run that has not come is taken away.
  package static let readingsUntilFieldIsGone = 10
  /// Time that must have passed too where a meter tells some fields more rarely than others, once a day at the least.
  package static let timeUntilFieldIsGone = Milliseconds.minutes(25 * 60)
  /// Bytes of dead letters on their way to the disk: a line full of noise must not take the place of readings.
  package static let letterBytesUnderWay = 2 * 1024 * 1024
  /// Messages in a mailbox between two threads.
  package static let mailbox = 1024
  /// Messages waiting for the broker thread; beyond them only the newest of each kind is kept.
  package static let brokerMailbox = 256
  /// From the order to end until storage is told to end, whether the broker has answered or not.
  package static let brokerEnding = Milliseconds(1_500)
  /// From the order to end, or a meter's removal, to the closing of its line, whether everything is said or not.
  package static let leaving = Milliseconds.seconds(1)
  /// From the order to end to the end itself, whatever the threads do.
  package static let ending = Milliseconds(1_900)
  /// Telegrams of one readout of an M-Bus meter.
  package static let telegramsOfReadout = 16
  /// Fields of one reading that become topics.
  package static let fieldsOfReading = 512
  /// Files and sockets that are asked for, where the system gives so many.
  package static let descriptors = 16_384
  /// Of these, those that sources leave to the broker and to files.
  package static let descriptorsKept = 8
  /// Bytes read from one source in one step, so that a chatty one cannot starve the others.
  package static let readBytes = 4 * 1024
  /// Bytes waiting to be sent to a source; a line that takes no more than this is stuck.
  package static let unsentBytes = 1024
  /// Bytes of one page of a web server: a P1 telegram, and what JSON makes of it.
  package static let pageBytes = 64 * 1024
  /// Time for one page, from the look-up of its host to the last byte.
  package static let fetching = Milliseconds.seconds(10)
  /// Addresses of one name that are tried, one after the other.
  package static let addressesOfName = 8
  /// Time for a TCP connection to come about.
  package static let connecting = Milliseconds.seconds(10)
  /// Bytes without a frame after which a meter's line may have other settings than the usual ones.
  package static let rejectedOnWrongLine = 1024
  /// Between two tries to open a source.
  package static let reopening = Milliseconds.seconds(1)
  /// Longest time between two tries to connect to a TCP source.
  package static let reconnecting = Milliseconds.seconds(30)
  /// A line that only listens is opened anew after three intervals of silence, but not before this.
  package static let silence = Milliseconds.seconds(30)
  /// An M-Bus on which nobody answers is opened anew after three intervals, but not before this.
  package static let busSilence = Milliseconds.minutes(1)
}
