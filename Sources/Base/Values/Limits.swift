/// Every bound of the program. Input from outside never grows past them.
package enum Limits {
  /// Bytes of one M-Bus or DLMS frame.
  package static let frameBytes = 4 * 1024
  /// Bytes of one P1 telegram.
  package static let p1Bytes = 16 * 1024
  /// Meters of one configuration, unless `limits: {meters: N}` sets another number.
  package static let meters = 256
  /// The largest value of `limits: {meters: N}`.
  package static let mostMeters = 10_000
  /// Characters of a meter's id and of a node id: Home Assistant joins both with a field's name into 255.
  package static let idCharacters = 64
  /// Bytes of a topic or topic prefix in the configuration.
  package static let configuredTopicBytes = 256
  /// Bytes of a file that `!file` reads.
  package static let configuredFileBytes = 64 * 1024
  /// Bytes of a configuration file, and of each file that it includes.
  package static let configurationBytes = 1024 * 1024
  /// Files that a configuration includes, one by one or in folders.
  package static let includedFiles = 1024
  /// How deep files may include others.
  package static let includeDepth = 8
  /// Nesting of YAML and JSON; libyaml takes quadratic time in it.
  static let nesting = 64
  /// Bytes of the dead-letter log, over all its files.
  package static let deadLetterBytes = 64 * 1024 * 1024
  /// Files of the dead-letter log.
  package static let deadLetterFiles = 4
  /// Bytes of one line of the dead-letter log: the longest frame in hexadecimal, and room for the texts.
  package static let deadLetterLineBytes = 128 * 1024
  /// Dead letters of one meter that a new one is compared with: equal ones are counted in one.
  package static let lettersCompared = 8
  /// Dead letters of one meter, stage and code: so many at once, then one a minute.
  package static let lettersOfKind = TokenBucket.Size(atOnce: 20, perDay: 24 * 60)
  /// Bytes of a meter's dead letters in the log.
  package static let letterBytesOfMeter = TokenBucket.Size(atOnce: 1024 * 1024, perDay: 4 * 1024 * 1024)
  /// Bytes of a meter's letters that a key does not open.
  package static let cipherLetterBytes = TokenBucket.Size(atOnce: 2 * 1024 * 1024, perDay: 8 * 1024 * 1024)
  /// Bytes of the dead letters of all meters of a source.
  package static let letterBytesOfSource = TokenBucket.Size(atOnce: 4 * 1024 * 1024, perDay: 12 * 1024 * 1024)
  /// Notices of a meter or sub-meter about values that were believed after all.
  package static let guardNotices = TokenBucket.Size(atOnce: 10, perDay: 24 * 60)
  /// Kinds of dead letters that are counted apart.
  package static let letterKinds = 8192
  /// Bytes of one text of a dead letter.
  package static let deadLetterTextBytes = 1024
  /// Bytes of a meter's last telegram, for the page and the API.
  package static let storedTelegramBytes = p1Bytes
  /// The newest dead letters, for the page and the API: their number, and the bytes of their lines.
  package static let storedLetters = 50
  package static let storedLetterBytes = 128 * 1024
  /// Bytes of an answer of the API that a command reads: 10 000 meters.
  package static let apiAnswerBytes = 64 * 1024 * 1024
  /// How long a command waits for the retained topics of all meters.
  package static let retainedMessages = Milliseconds.seconds(5)
  /// Bytes of a retained value that a command shows.
  package static let shownPayloadBytes = 256
  /// Bytes of a piece of `/metrics`, which is made while it is sent.
  package static let metricsPieceBytes = 16 * 1024
  /// Bytes of the state file. One meter takes some 5 KiB, and the program must find all its meters again.
  package static let stateFileBytes = mostMeters * 16 * 1024
  /// Bytes of the file that remembers the Wi-SUN network of a meter.
  package static let networkFileBytes = 4 * 1024
  /// Hours of the ledger of registers.
  package static let ledgerHours: Int64 = 40 * 24
  /// Bytes of the ledger's file. The oldest hours go first.
  package static let ledgerBytes = 64 * 1024 * 1024
  /// Home Assistant may lack the registers of an hour's last part: a `min_interval` of 10 s, and the way to it.
  package static let hourMargin = Milliseconds.seconds(15)
  /// Between two looks whether another thread has made a document.
  package static let httpLateDocument = Milliseconds(20)
  /// Rows of the ledger that wait for a disk that cannot be written.
  package static let waitingHours = 100_000
  /// Behind an outage: Home Assistant is back later than the broker.
  package static let outageMargin = Milliseconds.minutes(1)
  /// A lost connection is noticed after 1.5 times its keepalive, which is 60 s for Home Assistant's.
  package static let outageNotice = Milliseconds.minutes(2)
  /// Outages whose hours wait for their repair.
  package static let damagedSpans = 64
  /// How long an outage's hours are tried.
  package static let repairPatience = Milliseconds.minutes(48 * 60)
  /// Bytes of a message of Home Assistant: its list of entities has some 700 for each.
  package static let homeAssistantBytes = 32 * 1024 * 1024
  /// How long Home Assistant may take to connect, and to answer.
  package static let homeAssistantAnswer = Milliseconds.seconds(30)
  /// How long rows may take until they can be read back.
  package static let rowsWritten = Milliseconds.seconds(20)
  /// Bytes of the file of corrected sums that are not read back yet.
  package static let intentBytes = 256 * 1024
  /// Brokers in `mqtt.hosts`.
  package static let brokers = 16
  /// Messages that the broker has not yet acknowledged.
  package static let inFlight = 20
  /// Bytes of one message that comes in over MQTT. Commands and births are single words.
  package static let incomingMessageBytes = 16 * 1024
  /// How old a telegram may be that comes over MQTT with its time, and how far ahead the clock of its sender may be.
  package static let telegramAge = Milliseconds.minutes(366 * 24 * 60)
  package static let telegramAhead = Milliseconds.minutes(1)
  /// How long telegrams that came over MQTT wait for the delivery of their readings before they are acknowledged. By then
  /// the journal has written them.
  package static let telegramPatience = Milliseconds.seconds(4)
  /// How long acknowledgements may lie unread that nothing waits for.
  package static let answersRest = Milliseconds(100)
  /// Packets of the broker that one round of a connection reads.
  package static let packetsAtOnce = 64
  /// A batch of telegrams has one for each time of this length that batches take: as few as possible come twice when the
  /// program is killed, and a distant broker does not slow it down.
  package static let telegramTurn = Milliseconds(2)
  /// How long the broker keeps telegrams for a program that is away (MQTT 5).
  package static let telegramSession = Milliseconds.minutes(24 * 60)
  /// How long after a connect telegrams may come again whose acknowledgement was lost.
  package static let redelivery = Milliseconds.seconds(30)
  /// Keep-alives that a message may be unacknowledged; the client gives up a silent broker after two.
  package static let keepAlivesUnanswered: Int64 = 3
  /// Bytes of the journal's file, unless `limits: {journal_megabytes: N}` sets another size. The oldest readings go first.
  package static let journalBytes = 64 * 1024 * 1024
  /// The largest value of `limits: {journal_megabytes: N}`.
  package static let mostJournalMegabytes = 65_536
  /// Bytes of the readings that the journal holds in memory until it can write them.
  package static let journalMemoryBytes = 4 * 1024 * 1024
  /// How long a reading may be unacknowledged before the journal writes it.
  package static let readingPatience = Milliseconds.seconds(2)
  /// The same while the program ends.
  package static let lastPatience = Milliseconds(300)
  /// How long the storage thread lets readings gather before it looks at them, where so many messages come in a second.
  package static let storageRest = Milliseconds(250)
  package static let storageCrowd: Int64 = 8
  /// Between two transactions of the journal: each waits for the disk.
  package static let journalPause = Milliseconds(500)
  /// Until the program tries a failed journal again.
  package static let journalRetry = Milliseconds.seconds(10)
  /// How long readings wait for the journal to report the readings of an earlier run.
  package static let journalOpening = Milliseconds.seconds(30)
  /// Readings of one fetch from the journal, and their bytes. The first reading may have more.
  package static let fetchedReadings = 32
  package static let fetchedBytes = 16 * 1024
  /// Fetches from the journal at a time, one a meter.
  package static let fetches = 8
  /// Readings of one meter, and bytes of all, that are ready to send.
  package static let readingsAtHand = 32
  package static let bytesAtHand = 2 * 1024 * 1024
  /// Between two messages that tell the journal which readings the broker has. So long they also wait for a round that
  /// something else causes.
  package static let deliveredPause = Milliseconds(250)
  /// Readings a second at which each meter's history goes out, unless `limits: {replay_per_second: N}` sets another rate.
  package static let replayPerSecond = 50
  /// The longest `mqtt: {replay_after: …}`.
  package static let longestReplayAfter = Milliseconds.minutes(10)
  /// Between two tries of a meter's first reading of an outage, while the broker reports that nothing subscribes to it.
  package static let subscriberPause = Milliseconds.seconds(30)
  /// The time that it is tried. After that all its readings go out, as the topic probably does not have a subscriber.
  package static let subscriberSearch = Milliseconds.minutes(10)
  /// Waiting events of `bridge/dead_letter`; the newest goes first.
  package static let deadLetterEvents = 64
  /// Milliseconds in which an ending program still sends values, before `bridge/state` becomes `offline`.
  package static let lastValues: Int64 = 700
  /// Milliseconds in which the broker must acknowledge `offline`, from the order to end.
  package static let farewell: Int64 = 1_200
  /// Telegrams that must agree before the program believes a total that fell or jumped.
  package static let agreeingTelegrams = 5
  /// First values that must agree before the program believes a total of a line without check values.
  package static let agreeingFirstValues = 2
  /// Numbers of exchanged meters, and of other meters on the line, that the program remembers of one meter.
  package static let formerNumbers = 4
  /// Between two log lines about an exchange of one meter.
  package static let exchangeNotices = Milliseconds.minutes(60)
  /// How long a number that came and went must be alone on the line before it is believed.
  package static let rivalAlone = Milliseconds.minutes(24 * 60)
  /// Lists of a meter that tell an older value of one register.
  package static let snapshotLists = 4
  /// Readings of a meter without a field of an earlier run, after which the program removes the field.
  package static let readingsUntilFieldIsGone = 10
  /// Time that must have passed too: meters send some fields only once a day.
  package static let timeUntilFieldIsGone = Milliseconds.minutes(25 * 60)
  /// Bytes of dead letters on their way to the disk: a noisy line must not displace readings.
  package static let letterBytesUnderWay = 2 * 1024 * 1024
  /// Lines of the log that wait for its reader; later ones are counted.
  package static let logLines = 512
  /// Bytes of one line of the log; a pipe takes that many in one piece.
  package static let logLineBytes = 4 * 1024 - 8
  /// How long an ending program waits for the reader of its log.
  package static let lastLines = Milliseconds(100)
  /// How long the configuration may take to be read again before the log says so.
  package static let reloading = Milliseconds.seconds(10)
  /// Bytes of one reading in the journal. Ours are far shorter.
  package static let journalRowBytes = 1024 * 1024
  /// Characters of the id of a meter or sub-meter.
  package static let deviceCharacters = idCharacters + 32
  /// Messages in a mailbox between two threads. With many meters storage takes four of each meter.
  package static let mailbox = 1024
  /// Messages that wait for the broker thread. Beyond them the sender keeps only the newest of each kind.
  package static let brokerMailbox = 256
  /// From the order to end until storage ends too, even if the broker has not answered.
  package static let brokerEnding = Milliseconds(1_500)
  /// From the order to end to the closing of a line, even if a dialogue is unfinished.
  package static let leaving = Milliseconds.seconds(1)
  /// The same where a reload removes or changes its meters: an answer on an M-Bus takes 10 s at 300 baud.
  package static let leavingInPeace = Milliseconds.seconds(12)
  /// From the order to end to the exit, even if a thread hangs.
  package static let ending = Milliseconds(1_850)
  /// Telegrams of one readout of an M-Bus meter.
  package static let telegramsOfReadout = 16
  /// Readouts with the same totals until a meter on a battery is read half as often, and until the next halving.
  package static let readoutsUntilBackoff = 4
  /// How often its interval may double.
  package static let doublingsOfBackoff = 2
  /// Failed tries in a row, meters among them, and the silence that make the line of an M-Bus suspect.
  package static let failuresOfDeadBus = 12
  package static let metersOfDeadBus = 5
  package static let suspicionOfDeadBus = Milliseconds.seconds(30)
  /// Between two tries on a dead line, and the longest time between two tries at one meter.
  package static let probeOfDeadBus = Milliseconds.seconds(5)
  package static let longestProbe = Milliseconds.minutes(1)
  /// Readouts of a meter that may be asked for at once.
  package static let readoutsAtOnce = 5
  /// The shortest time until one more may be asked for; else a tenth of the meter's interval.
  package static let readoutPause = Milliseconds.seconds(10)
  /// Fields of one reading that become topics, and fields of a device that have a name.
  package static let fieldsOfReading = 512
  /// Lists of fields that devices share in memory.
  package static let sharedFields = 256
  /// Fields of a device that have only a code.
  package static let codeFields = 128
  /// How long a field must not have come before it gives its topic to a new one.
  package static let timeUntilFieldGivesWay = Milliseconds.minutes(60)
  /// Between two discovery documents of a device whose fields change.
  package static let discoveryPause = Milliseconds.seconds(10)
  /// From the end of one form of discovery to the documents of the other. Home Assistant takes a while to unload entities,
  /// and loses a document that comes earlier.
  package static let migrationPause = Milliseconds.seconds(5)
  /// Files and sockets that the program asks the system for.
  package static let descriptors = 16_384
  /// Those of them that sources leave to the broker and to files.
  package static let descriptorsKept = 8
  /// What the program itself has open: mailboxes, files, the broker, the web server.
  package static let descriptorsOfProgram = 32
  /// The shortest time that segments and telegrams with a check value wait for their rest, else half an interval.
  package static let restOfTelegram = Milliseconds.seconds(10)
  /// Bytes that one step reads from a source, so that a chatty one cannot starve the others.
  package static let readBytes = 4 * 1024
  /// Bytes without a telegram that a source may send at full speed. Beyond them it is read more slowly.
  package static let noiseBytes = 1024 * 1024
  /// The pause between two reads of such a source: 27 kB/s, twice what a line of 115 200 baud brings.
  package static let noisePause = Milliseconds(150)
  /// How long bytes may gather that nobody waits for, as those of a receiver.
  package static let gathering = Milliseconds(250)
  /// Bytes that wait for a source; beyond them its line counts as stuck.
  package static let unsentBytes = 1024
  /// Bytes of the file that keeps an interrupted scan: some 100 bytes a request.
  package static let scanMemoryBytes = 16 * 1024 * 1024
  /// Frames of one `capture`.
  package static let capturedFrames = 1000
  /// Lines of sixteen bytes that `decode` shows of what it cannot use.
  package static let hexLinesShown = 8
  /// Pieces in a row that `decode` shows of what it cannot use.
  package static let unusablePiecesShown = 3
  /// Bytes of one page of a web server: a P1 telegram in JSON.
  package static let pageBytes = 64 * 1024
  /// Time for one page, from the look-up of its host to the last byte.
  package static let fetching = Milliseconds.seconds(10)
  /// Between two questions of the Home Assistant app for a broker.
  package static let askingForBroker = Milliseconds.seconds(5)
  /// Addresses of one name that the program tries, one after the other.
  package static let addressesOfName = 8
  /// Time to set up a TCP connection.
  package static let connecting = Milliseconds.seconds(10)
  /// Bytes without a frame after which the program suspects other line settings.
  package static let rejectedOnWrongLine = 1024
  /// Bytes without a telegram in which the program looks for other protocols: two long P1 telegrams.
  package static let diagnosedBytes = 2 * p1Bytes
  /// Bytes of a source in one line of the log.
  package static let tracedBytes = 1024
  /// Between two tries to open a source.
  package static let reopening = Milliseconds.seconds(1)
  /// Longest time between two tries to connect to a TCP source, or to fetch a page.
  package static let reconnecting = Milliseconds.minutes(1)
  /// Gateways that are connected to a port of the program at a time. One more closes the connection of the most silent.
  package static let clients = 64
  /// Clients that a port accepts, and datagrams that it reads, in one round.
  package static let clientsOfRound = 16
  /// Bytes of a gateway's words before it closes a connection. More than that are data.
  package static let gatewayWordsBytes = 200
  /// Bytes of one Telnet sub-negotiation.
  package static let subnegotiationBytes = 64
  /// Answers to the Telnet negotiations of one connection.
  package static let telnetAnswers = 64
  /// Time in which a gateway must set its serial port (RFC 2217).
  package static let comPortSetup = Milliseconds.seconds(5)
  /// The shortest silence after which the program reopens a line that only listens, else three intervals.
  package static let silence = Milliseconds.seconds(30)
  /// The same for an M-Bus on which no meter answers.
  package static let busSilence = Milliseconds.minutes(1)
  /// The silence after which the program reopens a receiver of wireless M-Bus: some fall silent after days.
  package static let wirelessSilence = Milliseconds.minutes(60)
  /// The silence after which a receiver that takes commands is asked whether it still answers, and set again.
  package static let receiverCheck = Milliseconds.minutes(10)
  /// How long lines and frames are listened for before receivers are asked: on a port of this machine, and over a network,
  /// where mostly a program is at the other end.
  package static let receiverListening = Milliseconds.seconds(3)
  package static let receiverListeningOverNetwork = Milliseconds.seconds(30)
  /// How long `detect` listens at a receiver that it has found: many meters send every 16 s.
  package static let receiverHearing = Milliseconds.seconds(20)
  /// The time for each answer of a receiver.
  package static let receiverAnswer = Milliseconds.seconds(1)
  package static let receiverAnswerOverNetwork = Milliseconds.seconds(2)
  /// Tries with a receiver that may be another one, and with one that is known: some begin to work only seconds after their
  /// port was opened.
  package static let receiverTries = 2
  package static let knownReceiverTries = 4
  /// Between two tries to set up a receiver that does not answer, at most.
  package static let receiverPause = Milliseconds.minutes(1)
  /// Telegrams that wait until it is known how a receiver frames them.
  package static let earlyTelegrams = 20
  /// Bytes of a line that a receiver writes: a frame in hexadecimal, and what it tells of it.
  package static let wirelessLineBytes = 4 * 1024
  /// The time in which an equal telegram is a copy.
  package static let wirelessCopies = Milliseconds.minutes(1)
  /// Formats of compact frames in the state file.
  package static let learntFormats = 256
  /// Until fragments of a message that wait for others are given up, once or twice.
  package static let wirelessFragments = Milliseconds.seconds(30)
  /// Telegrams of a meter that are remembered to know copies: some meters send every two seconds.
  package static let wirelessCopiesKept = 32
  /// Meters in the air that are not configured: those remembered, those in the daily line, and when the first line comes.
  package static let wirelessStrangers = 256
  package static let strangersShown = 20
  package static let firstStrangers = Milliseconds.minutes(10)
  /// The assumed time between two telegrams of a wireless meter: three of them make a day, and some send so seldom.
  package static let wirelessInterval = Milliseconds.minutes(8 * 60)
  /// The time for which the refused frame counters of a meter without a clock must rise until they are believed.
  package static let counterTrial = Milliseconds.minutes(60)
  /// Bytes that a trial of a line looks for telegrams in.
  package static let trialBytes = 64 * 1024
  /// How long `check --connect` waits for a meter that pushes, and for one that is asked.
  package static let trial = Milliseconds.seconds(30)
  /// The time for each meter that is asked on a shared line: four tries at a silent one.
  package static let trialOfSlave = Milliseconds.seconds(10)
  /// The longest of these times.
  package static let longestTrial = Milliseconds.minutes(60)
  /// How long `check --connect` waits for each answer of the broker.
  package static let brokerTrial = Milliseconds.seconds(10)
  /// How long `init` listens with each line setting: meters push every 10 s.
  package static let listening = Milliseconds.seconds(12)
  /// Ports that `init` listens on.
  package static let portsTried = 32
  /// Bytes of one answer to a question of `init`.
  package static let answerBytes = 1024
  /// Connections of the web server at a time. Others wait.
  package static let httpConnections = 32
  /// Event streams of the web server at a time, so that other requests find a connection.
  package static let httpStreams = 8
  /// Bytes of the first line and the headers of a request.
  package static let httpHeadBytes = 16 * 1024
  /// Bytes of the body of a request.
  package static let httpBodyBytes = 16 * 1024
  /// Bytes of a longer body that are read nevertheless, so that its client reads the answer.
  package static let httpReadBytes = 1024 * 1024
  /// Bytes of a long document that are made at a time.
  package static let httpPieceBytes = 4 * 1024
  /// From the connection to the end of its first request.
  package static let httpRequest = Milliseconds.seconds(8)
  /// From one request on a connection to the end of the next.
  package static let httpIdle = Milliseconds.seconds(20)
  /// From the end of a request to that of its response.
  package static let httpAnswer = Milliseconds.seconds(30)
  /// How long what is sent to a web client may be unacknowledged.
  package static let httpSilence = Milliseconds.seconds(30)
  /// The longest silence of an event stream.
  package static let httpHeartbeat = Milliseconds.seconds(15)
  /// Wrong passwords of one web client: ten a minute.
  package static let httpFailures = TokenBucket.Size(atOnce: 10, perDay: 10 * 24 * 60)
  /// Web clients whose wrong passwords are counted apart.
  package static let httpFailingClients = 256
  /// How long until a server whose address is taken tries it again.
  package static let httpRetry = Milliseconds.seconds(10)
  /// Bits of a token for scrapers.
  package static let tokenBits = 128
  /// How long an address of a UDP receiver is used until its name is looked up again.
  package static let udpLookup = Milliseconds.minutes(10)
  /// The same after a failure.
  package static let udpRetry = Milliseconds.seconds(30)
  /// Bytes of a call that an emulated meter takes by UDP.
  package static let datagramBytes = 1500
  /// Datagrams that one round of the loop answers.
  package static let datagramsOfRound = 16
}
