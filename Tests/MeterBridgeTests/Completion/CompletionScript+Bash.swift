@testable import MeterBridge

extension CompletionScript {
  /// For `share/bash-completion/completions/meterbridge`.
  static func bash() -> String {
    let values = Program.commands.flatMap { command in
      command.options.compactMap { option in
        option.completed.map { tokens in
          // Nothing is offered for free text.
          let short = option.name == Option.config.name ? " | '\(command.name) -c'" : ""
          return "    '\(command.name) --\(option.name)'\(short)) \(bashPlace(tokens));;\n"
        }
      }
    }
    let operands = Program.commands.map { command in
      "        \(command.name)) \(bashPlace(CompletedWord.tokens(command.operands)));;\n"
    }
    let options = Program.commands.map { command in
      "        \(command.name)) \(bashPlace(command.options.map { "--\($0.name)" } + ["--help"]));;\n"
    }
    return head + bashFunctions + """

      _meterbridge() {
        local line=${COMP_LINE:0:COMP_POINT} words word option
        read -ra words <<<"$line"
        word=${line##*[[:space:]]}
        [[ -n $word ]] && unset 'words[-1]'
        option=${words[-1]}
        # bash itself takes --name=VALUE apart.
        [[ $word == --*=* ]] && option=${word%%=*} word=${word#*=}
        COMPREPLY=()
        if ((${#words[@]} < 2)); then
          _meterbridge_place \(words(Program.commands.map(\.name) + general.map { "--\($0.0)" }))
          return
        fi
        case "${words[1]} $option" in
      \(values.joined())    *)
            if [[ $word == -?* ]]; then
              case ${words[1]} in
      \(options.joined().replacing("        ", with: "          "))        esac
            else
              case ${words[1]} in
      \(operands.joined().replacing("        ", with: "          "))        esac
            fi
            ;;
        esac
        # For bash a word begins behind each of these signs; what is in front is not to be repeated.
        local breaks=${COMP_WORDBREAKS//[^=:]/}
        COMPREPLY=("${COMPREPLY[@]#"${word%"${word##*["$breaks"]}"}"}")
      }

      complete -F _meterbridge meterbridge

      """
  }

  private static func bashPlace(_ tokens: [String]) -> String {
    tokens.isEmpty ? "" : "_meterbridge_place \(words(tokens)) "
  }

  private static let bashFunctions = #"""
    # shellcheck disable=SC2154 # word and words are those of _meterbridge

    _meterbridge_add() {
      local found
      while read -r found; do COMPREPLY+=("$found"); done
    }

    _meterbridge_meters() {
      local configuration=\#(Program.defaultConfiguration) index
      for ((index = 2; index < ${#words[@]}; index++)); do
        case ${words[index]} in
          -c | --config) configuration=${words[index + 1]} ;;
          --config=*) configuration=${words[index]#*=} ;;
        esac
      done
      \#(meterIDs) "${configuration/#\~/$HOME}" 2>/dev/null
    }

    # Adds what fits: files, ports, meters, beginnings and words.
    _meterbridge_place() {
      local token
      for token; do
        case $token in
          %files)
            compopt -o filenames 2>/dev/null
            _meterbridge_add < <(compgen -f -- "$word")
            ;;
          %keys)
            compopt -o filenames 2>/dev/null
            if [[ $word == @* ]]; then
              _meterbridge_add < <(compgen -f -P @ -- "${word#@}")
            elif [[ -z $word ]]; then
              COMPREPLY+=(@)
              compopt -o nospace 2>/dev/null
            fi
            ;;
          %ports)
            compopt -o filenames 2>/dev/null
            if [[ $word == */* && $word != *://* ]]; then
              _meterbridge_add < <(compgen -f -- "$word")
            elif [[ $word != *:* ]]; then
              local ports
              ports=$(compgen -G '/dev/serial/by-id/*'; compgen -G '/dev/tty[UA][SCM][BMA]*')
              _meterbridge_add < <(compgen -W "$ports" -- "$word")
            fi
            ;;
          %meters) _meterbridge_add < <(compgen -W "$(_meterbridge_meters)" -- "$word") ;;
          *=%files)
            compopt -o nospace 2>/dev/null
            if [[ $word == *=* ]]; then
              [[ ${word%%[,=]*} == "${token%=*}" ]] &&
                _meterbridge_add < <(compgen -f -P "${word%=*}=" -- "${word##*=}")
            else
              _meterbridge_add < <(compgen -W "${token%\%files}" -- "$word")
            fi
            ;;
          *[=./])
            compopt -o nospace 2>/dev/null
            _meterbridge_add < <(compgen -W "$token" -- "$word")
            ;;
          *) _meterbridge_add < <(compgen -W "$token" -- "$word") ;;
        esac
      done
    }

    """#
}
