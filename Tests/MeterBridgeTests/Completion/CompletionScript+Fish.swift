@testable import MeterBridge

extension CompletionScript {
  /// For `share/fish/vendor_completions.d/meterbridge.fish`.
  static func fish() -> String {
    let names = Program.commands.map { command in
      "complete -c meterbridge -n __meterbridge_begins -a \(command.name) -d \(fishText(command.summary))\n"
    }
    let options = general.map { "complete -c meterbridge -n __meterbridge_begins -l \($0.0) -d \(fishText($0.1))\n" }
    let commands = Program.commands.map { command in
      let place = fishPlace(CompletedWord.tokens(command.operands))
      let operands = place.isEmpty ? "" : "complete -c meterbridge -n '__meterbridge_in \(command.name)'\(place)\n"
      return "\n" + operands + command.options.map { fishOption($0, of: command) }.joined()
    }
    return head + fishFunctions + """

      complete -c meterbridge -f
      complete -c meterbridge -s h -l help -d 'explain the command'
      \(names.joined())\(options.dropFirst().joined())\(commands.joined())
      """
  }

  private static func fishOption(_ option: Option, of command: Command) -> String {
    let short = option.name == Option.config.name ? " -s c" : ""
    let value = option.completed.map { " -x\(fishPlace($0))" } ?? ""
    let name = "-l \(option.name)\(short)\(value) -d \(fishText(option.help))"
    return "complete -c meterbridge -n '__meterbridge_in \(command.name)' \(name)\n"
  }

  private static func fishPlace(_ tokens: [String]) -> String {
    tokens.isEmpty ? "" : " -a '(__meterbridge_place \(words(tokens)))'"
  }

  private static func fishText(_ text: String) -> String {
    "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
  }

  private static let fishFunctions = #"""

    function __meterbridge_begins
        test (count (commandline -opc)) -eq 1
    end

    function __meterbridge_in -a command
        set -l words (commandline -opc)
        test "$words[2]" = "$command"
    end

    function __meterbridge_meters
        set -l configuration \#(Program.defaultConfiguration)
        set -l words (commandline -opc)
        for index in (seq (count $words))
            switch $words[$index]
                case -c --config
                    set configuration $words[(math $index + 1)]
                case '--config=*'
                    set configuration (string replace -- --config= '' $words[$index])
            end
        end
        \#(meterIDs) $configuration 2>/dev/null
    end

    # The word under the cursor, without the option in front of it.
    function __meterbridge_word
        string replace -r -- '^--[a-z-]+=' '' (commandline -ct)
    end

    # Prints what fits: files, ports, meters, beginnings and words.
    function __meterbridge_place
        set -l word (__meterbridge_word)
        for token in $argv
            switch $token
                case %files
                    __fish_complete_path $word
                case %keys
                    printf '%s\n' @(__fish_complete_path (string replace -r '^@' '' -- $word))
                case %ports
                    # `set` does not mind a pattern without a file.
                    set -l ports /dev/serial/by-id/* /dev/ttyUSB* /dev/ttyACM* /dev/ttyAMA*
                    printf '%s\n' $ports
                    string match -q '*/*' -- $word; and __fish_complete_path $word
                case %meters
                    __meterbridge_meters
                case '*=%files'
                    set -l kind (string replace =%files '' $token)
                    if string match -q '*=*' -- $word
                        set -l path (string replace -r '.*=' '' -- $word)
                        string match -q $kind -- (string replace -r '[,=].*' '' -- $word)
                        and printf '%s\n' (string replace -r '[^=]*$' '' -- $word)(__fish_complete_path $path)
                    else
                        echo $kind=
                    end
                case '*'
                    printf '%s\n' $token
            end
        end
    end

    """#
}
