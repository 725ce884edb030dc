# Completion of meterbridge(1). Made from the program's own table of commands; `make docs` writes it anew.
# shellcheck disable=SC2154 # word and words are those of _meterbridge

_meterbridge_add() {
  local found
  while read -r found; do COMPREPLY+=("$found"); done
}

_meterbridge_meters() {
  local configuration=/etc/meterbridge/meterbridge.yaml index
  for ((index = 2; index < ${#words[@]}; index++)); do
    case ${words[index]} in
      -c | --config) configuration=${words[index + 1]} ;;
      --config=*) configuration=${words[index]#*=} ;;
    esac
  done
  sed -n '/^ *#/d; s/.*[{ ]id: *"\{0,1\}\([a-z0-9_]\{1,\}\).*/\1/p' "${configuration/#\~/$HOME}" 2>/dev/null
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
    _meterbridge_place run check ports init detect scan set-address set-baud decode simulate dead-letter repair topics status watch accept forget capture version help --help --version
    return
  fi
  case "${words[1]} $option" in
    'run --config' | 'run -c') _meterbridge_place %files ;;
    'run --home-assistant-app') _meterbridge_place %files ;;
    'check --config' | 'check -c') _meterbridge_place %files ;;
    'check --for') ;;
    'ports --config' | 'ports -c') _meterbridge_place %files ;;
    'init --source') _meterbridge_place %ports ;;
    'init --for') ;;
    'detect --for') ;;
    'scan --baud') ;;
    'scan --receiver') _meterbridge_place auto im871a amb8465 cul rc1180 lines frames ;;
    'scan --minutes') ;;
    'scan --config' | 'scan -c') _meterbridge_place %files ;;
    'set-address --meter') ;;
    'set-address --to') ;;
    'set-address --baud') ;;
    'set-baud --meter') ;;
    'set-baud --to') ;;
    'set-baud --baud') ;;
    'decode --protocol') _meterbridge_place mbus p1 dlms sml d0 echonet wmbus ;;
    'decode --key') _meterbridge_place %keys ;;
    'decode --auth-key') _meterbridge_place %keys ;;
    'decode --set') _meterbridge_place name= sub_meters. forward= line= address= receiver= mode= max_baud= wake= interval= nke= retries= pause= backoff= readout= readout_baud= profile= system_title= allow_plain= ignore_crc= scalers. heartbeat= min_interval= dead_band. rounding. units. enable= state= utc_offset= factor= max_power= ;;
    'decode --format') _meterbridge_place table json ;;
    'simulate --speed') ;;
    'simulate --seed') ;;
    'simulate --slaves') ;;
    'dead-letter --config' | 'dead-letter -c') _meterbridge_place %files ;;
    'dead-letter --meter') _meterbridge_place %meters ;;
    'repair --config' | 'repair -c') _meterbridge_place %files ;;
    'repair --since') ;;
    'topics --config' | 'topics -c') _meterbridge_place %files ;;
    'topics --for') _meterbridge_place evcc openhab node-red telegraf grafana fhem iobroker victron ;;
    'status --config' | 'status -c') _meterbridge_place %files ;;
    'watch --config' | 'watch -c') _meterbridge_place %files ;;
    'accept --config' | 'accept -c') _meterbridge_place %files ;;
    'forget --config' | 'forget -c') _meterbridge_place %files ;;
    'capture --config' | 'capture -c') _meterbridge_place %files ;;
    'capture --for') ;;
    'capture --output') _meterbridge_place %files ;;
    *)
      if [[ $word == -?* ]]; then
        case ${words[1]} in
          run) _meterbridge_place --config --home-assistant-app --help ;;
          check) _meterbridge_place --config --connect --for --help ;;
          ports) _meterbridge_place --config --json --help ;;
          init) _meterbridge_place --source --for --yes --help ;;
          detect) _meterbridge_place --ask --for --help ;;
          scan) _meterbridge_place --secondary --baud --csv --resume --receiver --minutes --config --help ;;
          set-address) _meterbridge_place --meter --to --baud --yes --help ;;
          set-baud) _meterbridge_place --meter --to --baud --yes --help ;;
          decode) _meterbridge_place --protocol --key --auth-key --set --format --help ;;
          simulate) _meterbridge_place --speed --seed --slaves --help ;;
          dead-letter) _meterbridge_place --config --meter --dry-run --help ;;
          repair) _meterbridge_place --config --since --dry-run --help ;;
          topics) _meterbridge_place --config --for --help ;;
          status) _meterbridge_place --config --json --help ;;
          watch) _meterbridge_place --config --help ;;
          accept) _meterbridge_place --config --help ;;
          forget) _meterbridge_place --config --dry-run --help ;;
          capture) _meterbridge_place --config --for --output --help ;;
          version) _meterbridge_place --help ;;
          help) _meterbridge_place --help ;;
        esac
      else
        case ${words[1]} in
          run) _meterbridge_place %files ;;
          check) _meterbridge_place %files ;;
          ports) ;;
          init) _meterbridge_place %files ;;
          detect) _meterbridge_place %ports tcp:// ;;
          scan) _meterbridge_place %ports tcp:// ;;
          set-address) _meterbridge_place %ports tcp:// ;;
          set-baud) _meterbridge_place %ports rfc2217:// ;;
          decode) _meterbridge_place %files - ;;
          simulate) _meterbridge_place p1-nl=%files p1-be=%files p1-v2=%files p1-lu=%files p1-lu-encrypted=%files p1-pl-encrypted=%files p1-se=%files mbus-pro380=%files mbus-multical303=%files mbus-water=%files mbus-gas=%files mbus-bus=%files dlms-kaifa=%files dlms-kaifa-encrypted=%files dlms-hdlc=%files sml-emh=%files sml-dzg=%files sml-iskra=%files route-b=%files d0-electricity=%files d0-heat=%files d0-push=%files wmbus-im871a=%files wmbus-amb8465=%files wmbus-cul=%files wmbus-rc1180=%files wmbus-lines=%files ;;
          dead-letter) _meterbridge_place list show replay ;;
          repair) ;;
          topics) ;;
          status) ;;
          watch) ;;
          accept) _meterbridge_place %meters ;;
          forget) _meterbridge_place %meters ;;
          capture) _meterbridge_place %meters ;;
          version) ;;
          help) _meterbridge_place run check ports init detect scan set-address set-baud decode simulate dead-letter repair topics status watch accept forget capture version help ;;
        esac
      fi
      ;;
  esac
  # For bash a word begins behind each of these signs; what is in front is not to be repeated.
  local breaks=${COMP_WORDBREAKS//[^=:]/}
  COMPREPLY=("${COMPREPLY[@]#"${word%"${word##*["$breaks"]}"}"}")
}

complete -F _meterbridge meterbridge
