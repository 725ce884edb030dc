@testable import MeterBridge

extension CompletionScript {
  /// For a folder of zsh's `fpath`: `share/zsh/vendor-completions/_meterbridge`.
  static func zsh() -> String {
    let commands = Program.commands.map { "      \(quoted("\($0.name):\($0.summary)"))\n" }
    let cases = Program.commands.map { command in
      let options = command.options.map { "          \(zshOption($0)) \\\n" }
      let operands = CompletedWord.tokens(command.operands)
      let argument = quoted("*:\(zshText(command.operands)):\(zshPlace(operands))")
      let rest = operands.isEmpty ? "" : " \\\n          \(argument)"
      return """
              \(command.name))
                _arguments \\
        \(options.joined())          '(- *)'{-h,--help}'[explain the command]'\(rest)
                ;;

        """
    }
    return "#compdef meterbridge\n" + head + zshFunctions + """

      _meterbridge() {
        local curcontext=$curcontext state line
        typeset -A opt_args
        local -a commands=(
      \(commands.joined())  )
        _arguments -C '(- *)'{-h,--help}'[list the commands]' '(- *)'{-V,--version}'[print the version]' \\
          '1:command:->command' '*::argument:->argument' && return
        case $state in
          command) _describe -t commands command commands ;;
          argument)
            case $words[1] in
      \(cases.joined())      esac
            ;;
        esac
      }

      _meterbridge "$@"

      """
  }

  private static func zshOption(_ option: Option) -> String {
    let repeats = option.isRepeatable ? "*" : ""
    guard let tokens = option.completed else { return quoted("\(repeats)--\(option.name)[\(zshText(option.help))]") }
    let placeholder = option.usage.split(separator: " ").dropFirst().first.map(String.init) ?? ""
    let rest = "[\(zshText(option.help))]:\(zshText(placeholder)):\(zshPlace(tokens))"
    guard option.name == Option.config.name else { return quoted("\(repeats)--\(option.name)=\(rest)") }
    return "'(-c --config)'{-c,--config=}\(quoted(rest))"
  }

  /// An action; with a blank in front zsh adds no words of its own.
  private static func zshPlace(_ tokens: [String]) -> String {
    tokens.isEmpty ? " " : " _meterbridge_place \(words(tokens).replacing(":", with: "\\:"))"
  }

  private static func zshText(_ text: String) -> String {
    text.replacing("[", with: "\\[").replacing("]", with: "\\]").replacing(":", with: "\\:")
  }

  private static let zshFunctions = #"""

    _meterbridge_meters() {
      local configuration=${opt_args[--config]:-${opt_args[-c]:-\#(Program.defaultConfiguration)}}
      local -a ids=(${(f)"$(\#(meterIDs) ${~configuration} 2>/dev/null)"})
      compadd -a ids
    }

    # Adds what fits: files, ports, meters, beginnings and words.
    _meterbridge_place() {
      local token found=1
      local -a whole begun places
      for token; do
        case $token in
          %files) _files && found=0 ;;
          %keys)
            if compset -P @; then
              _files && found=0
            else
              compadd -S '' -- @ && found=0
            fi
            ;;
          %ports)
            compadd -- /dev/serial/by-id/*(N) /dev/tty{USB,ACM,AMA}*(N) && found=0
            [[ $PREFIX == */* && $PREFIX != *://* ]] && _files && found=0
            ;;
          %meters) _meterbridge_meters && found=0 ;;
          *=%files) places+=(${token%\%files}) ;;
          *[=./]) begun+=($token) ;;
          *) whole+=($token) ;;
        esac
      done
      if (($#places)); then
        if compset -P '*='; then
          _files && found=0
        else
          compadd -S '' -a places && found=0
        fi
      fi
      (($#begun)) && compadd -S '' -a begun && found=0
      (($#whole)) && compadd -a whole && found=0
      return found
    }

    """#
}
