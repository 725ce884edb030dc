# Completion of meterbridge(1). Made from the program's own table of commands; `make docs` writes it anew.

function __meterbridge_begins
    test (count (commandline -opc)) -eq 1
end

function __meterbridge_in -a command
    set -l words (commandline -opc)
    test "$words[2]" = "$command"
end

function __meterbridge_meters
    set -l configuration /etc/meterbridge/meterbridge.yaml
    set -l words (commandline -opc)
    for index in (seq (count $words))
        switch $words[$index]
            case -c --config
                set configuration $words[(math $index + 1)]
            case '--config=*'
                set configuration (string replace -- --config= '' $words[$index])
        end
    end
    sed -n '/^ *#/d; s/.*[{ ]id: *"\{0,1\}\([a-z0-9_]\{1,\}\).*/\1/p' $configuration 2>/dev/null
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

complete -c meterbridge -f
complete -c meterbridge -s h -l help -d 'explain the command'
complete -c meterbridge -n __meterbridge_begins -a run -d 'read the meters and publish what they say'
complete -c meterbridge -n __meterbridge_begins -a check -d 'find every mistake in the configuration'
complete -c meterbridge -n __meterbridge_begins -a ports -d 'list the serial ports, and who uses them'
complete -c meterbridge -n __meterbridge_begins -a init -d 'look for meters, and write a first configuration'
complete -c meterbridge -n __meterbridge_begins -a detect -d 'find out which meter speaks on a port'
complete -c meterbridge -n __meterbridge_begins -a scan -d 'find the meters on an M-Bus or in the air, and print their configuration'
complete -c meterbridge -n __meterbridge_begins -a set-address -d 'give an M-Bus meter another primary address'
complete -c meterbridge -n __meterbridge_begins -a set-baud -d 'give an M-Bus meter another speed'
complete -c meterbridge -n __meterbridge_begins -a decode -d 'show what a telegram contains'
complete -c meterbridge -n __meterbridge_begins -a simulate -d 'simulate meters'
complete -c meterbridge -n __meterbridge_begins -a dead-letter -d 'look at what could not be decoded, and decode it again'
complete -c meterbridge -n __meterbridge_begins -a repair -d 'put lost hours back into the statistics of Home Assistant'
complete -c meterbridge -n __meterbridge_begins -a topics -d 'print every topic and discovery message'
complete -c meterbridge -n __meterbridge_begins -a status -d 'say whether the daemon runs and every meter is read'
complete -c meterbridge -n __meterbridge_begins -a watch -d 'show what the meters do, on a terminal'
complete -c meterbridge -n __meterbridge_begins -a accept -d 'accept the totals that are held back for a meter'
complete -c meterbridge -n __meterbridge_begins -a forget -d 'clear the broker of the topics of a meter, or of all'
complete -c meterbridge -n __meterbridge_begins -a capture -d 'keep a meter\'s telegrams for a bug report, without its numbers'
complete -c meterbridge -n __meterbridge_begins -a version -d 'print the version'
complete -c meterbridge -n __meterbridge_begins -a help -d 'explain a command'
complete -c meterbridge -n __meterbridge_begins -l version -d 'print the version'

complete -c meterbridge -n '__meterbridge_in run' -a '(__meterbridge_place %files)'
complete -c meterbridge -n '__meterbridge_in run' -l config -s c -x -a '(__meterbridge_place %files)' -d 'the configuration, also -c FILE; default /etc/meterbridge/meterbridge.yaml'
complete -c meterbridge -n '__meterbridge_in run' -l home-assistant-app -x -a '(__meterbridge_place %files)' -d 'run as the app of Home Assistant'

complete -c meterbridge -n '__meterbridge_in check' -a '(__meterbridge_place %files)'
complete -c meterbridge -n '__meterbridge_in check' -l config -s c -x -a '(__meterbridge_place %files)' -d 'the configuration, also -c FILE; default /etc/meterbridge/meterbridge.yaml'
complete -c meterbridge -n '__meterbridge_in check' -l connect -d 'also log in at the broker and open every source'
complete -c meterbridge -n '__meterbridge_in check' -l for -x -d 'listen for N seconds; default 30, longer for a bus or a dongle'

complete -c meterbridge -n '__meterbridge_in ports' -l config -s c -x -a '(__meterbridge_place %files)' -d 'the configuration, also -c FILE; default /etc/meterbridge/meterbridge.yaml'
complete -c meterbridge -n '__meterbridge_in ports' -l json -d 'for programs: one JSON object'

complete -c meterbridge -n '__meterbridge_in init' -a '(__meterbridge_place %files)'
complete -c meterbridge -n '__meterbridge_in init' -l source -x -a '(__meterbridge_place %ports)' -d 'where to look, a device or tcp://HOST:PORT; default every serial port'
complete -c meterbridge -n '__meterbridge_in init' -l for -x -d 'listen for N seconds; default 30, longer for a bus or a dongle'
complete -c meterbridge -n '__meterbridge_in init' -l yes -d 'ask nothing: take the default of every question'

complete -c meterbridge -n '__meterbridge_in detect' -a '(__meterbridge_place %ports tcp://)'
complete -c meterbridge -n '__meterbridge_in detect' -l ask -d 'also send requests, if no meter speaks by itself'
complete -c meterbridge -n '__meterbridge_in detect' -l for -x -d 'listen for N seconds; default 30, longer for a bus or a dongle'

complete -c meterbridge -n '__meterbridge_in scan' -a '(__meterbridge_place %ports tcp://)'
complete -c meterbridge -n '__meterbridge_in scan' -l secondary -d 'only secondary addresses: quicker where most are at the factory\'s 0'
complete -c meterbridge -n '__meterbridge_in scan' -l baud -x -d 'only these speeds, and each of them to the end'
complete -c meterbridge -n '__meterbridge_in scan' -l csv -d 'print a table for a spreadsheet instead'
complete -c meterbridge -n '__meterbridge_in scan' -l resume -d 'go on where the last scan was interrupted'
complete -c meterbridge -n '__meterbridge_in scan' -l receiver -x -a '(__meterbridge_place auto im871a amb8465 cul rc1180 lines frames)' -d 'listen at a receiver of wireless M-Bus, auto or of this kind'
complete -c meterbridge -n '__meterbridge_in scan' -l minutes -x -d 'how long to listen at a receiver; default 5'
complete -c meterbridge -n '__meterbridge_in scan' -l config -s c -x -a '(__meterbridge_place %files)' -d 'the configuration, also -c FILE; default /etc/meterbridge/meterbridge.yaml'

complete -c meterbridge -n '__meterbridge_in set-address' -a '(__meterbridge_place %ports tcp://)'
complete -c meterbridge -n '__meterbridge_in set-address' -l meter -x -d 'the 8 digits of its number, or the 16 of its secondary address'
complete -c meterbridge -n '__meterbridge_in set-address' -l to -x -d 'the new primary address, 0 to 250'
complete -c meterbridge -n '__meterbridge_in set-address' -l baud -x -d 'the speed of the bus; default 2400'
complete -c meterbridge -n '__meterbridge_in set-address' -l yes -d 'do it; without it nothing is sent'

complete -c meterbridge -n '__meterbridge_in set-baud' -a '(__meterbridge_place %ports rfc2217://)'
complete -c meterbridge -n '__meterbridge_in set-baud' -l meter -x -d 'the 8 digits of its number, or the 16 of its secondary address'
complete -c meterbridge -n '__meterbridge_in set-baud' -l to -x -d 'the new speed: 300, 600, 1200, 2400, 4800, 9600, 19200, 38400'
complete -c meterbridge -n '__meterbridge_in set-baud' -l baud -x -d 'the speed of the bus; default 2400'
complete -c meterbridge -n '__meterbridge_in set-baud' -l yes -d 'do it; without it nothing is sent'

complete -c meterbridge -n '__meterbridge_in decode' -a '(__meterbridge_place %files -)'
complete -c meterbridge -n '__meterbridge_in decode' -l protocol -x -a '(__meterbridge_place mbus p1 dlms sml d0 echonet wmbus)' -d 'what the bytes are; default: found out'
complete -c meterbridge -n '__meterbridge_in decode' -l key -x -a '(__meterbridge_place %keys)' -d 'the meter\'s key; better @FILE, which no process list shows'
complete -c meterbridge -n '__meterbridge_in decode' -l auth-key -x -a '(__meterbridge_place %keys)' -d 'the meter\'s authentication key, or @FILE'
complete -c meterbridge -n '__meterbridge_in decode' -l set -x -a '(__meterbridge_place name= sub_meters. forward= line= address= receiver= mode= max_baud= wake= interval= nke= retries= pause= backoff= readout= readout_baud= profile= system_title= allow_plain= ignore_crc= scalers. heartbeat= min_interval= dead_band. rounding. units. enable= state= utc_offset= factor= max_power=)' -d 'a setting of the configuration, such as units.energy=GJ'
complete -c meterbridge -n '__meterbridge_in decode' -l format -x -a '(__meterbridge_place table json)' -d 'for people, or one JSON object to a line; default table'

complete -c meterbridge -n '__meterbridge_in simulate' -a '(__meterbridge_place p1-nl=%files p1-be=%files p1-v2=%files p1-lu=%files p1-lu-encrypted=%files p1-pl-encrypted=%files p1-se=%files mbus-pro380=%files mbus-multical303=%files mbus-water=%files mbus-gas=%files mbus-bus=%files dlms-kaifa=%files dlms-kaifa-encrypted=%files dlms-hdlc=%files sml-emh=%files sml-dzg=%files sml-iskra=%files route-b=%files d0-electricity=%files d0-heat=%files d0-push=%files wmbus-im871a=%files wmbus-amb8465=%files wmbus-cul=%files wmbus-rc1180=%files wmbus-lines=%files)'
complete -c meterbridge -n '__meterbridge_in simulate' -l speed -x -d 'let time run N times as fast; 0 lets the registers stand'
complete -c meterbridge -n '__meterbridge_in simulate' -l seed -x -d 'the same N makes the same values'
complete -c meterbridge -n '__meterbridge_in simulate' -l slaves -x -d 'how many meters mbus-bus has; default 60'

complete -c meterbridge -n '__meterbridge_in dead-letter' -a '(__meterbridge_place list show replay)'
complete -c meterbridge -n '__meterbridge_in dead-letter' -l config -s c -x -a '(__meterbridge_place %files)' -d 'the configuration, also -c FILE; default /etc/meterbridge/meterbridge.yaml'
complete -c meterbridge -n '__meterbridge_in dead-letter' -l meter -x -a '(__meterbridge_place %meters)' -d 'only this meter'
complete -c meterbridge -n '__meterbridge_in dead-letter' -l dry-run -d 'print what would be published, and publish nothing'

complete -c meterbridge -n '__meterbridge_in repair' -l config -s c -x -a '(__meterbridge_place %files)' -d 'the configuration, also -c FILE; default /etc/meterbridge/meterbridge.yaml'
complete -c meterbridge -n '__meterbridge_in repair' -l since -x -d 'from this day or hour on, such as 2026-10-24 or 2026-10-24T14:00'
complete -c meterbridge -n '__meterbridge_in repair' -l dry-run -d 'print what would be written, and write nothing'

complete -c meterbridge -n '__meterbridge_in topics' -l config -s c -x -a '(__meterbridge_place %files)' -d 'the configuration, also -c FILE; default /etc/meterbridge/meterbridge.yaml'
complete -c meterbridge -n '__meterbridge_in topics' -l for -x -a '(__meterbridge_place evcc openhab node-red telegraf grafana fhem iobroker victron)' -d 'ready-made configuration; evcc, openhab, node-red, telegraf, grafana, fhem, iobroker, victron'

complete -c meterbridge -n '__meterbridge_in status' -l config -s c -x -a '(__meterbridge_place %files)' -d 'the configuration, also -c FILE; default /etc/meterbridge/meterbridge.yaml'
complete -c meterbridge -n '__meterbridge_in status' -l json -d 'for programs: one JSON object'

complete -c meterbridge -n '__meterbridge_in watch' -l config -s c -x -a '(__meterbridge_place %files)' -d 'the configuration, also -c FILE; default /etc/meterbridge/meterbridge.yaml'

complete -c meterbridge -n '__meterbridge_in accept' -a '(__meterbridge_place %meters)'
complete -c meterbridge -n '__meterbridge_in accept' -l config -s c -x -a '(__meterbridge_place %files)' -d 'the configuration, also -c FILE; default /etc/meterbridge/meterbridge.yaml'

complete -c meterbridge -n '__meterbridge_in forget' -a '(__meterbridge_place %meters)'
complete -c meterbridge -n '__meterbridge_in forget' -l config -s c -x -a '(__meterbridge_place %files)' -d 'the configuration, also -c FILE; default /etc/meterbridge/meterbridge.yaml'
complete -c meterbridge -n '__meterbridge_in forget' -l dry-run -d 'name the topics, and clear nothing'

complete -c meterbridge -n '__meterbridge_in capture' -a '(__meterbridge_place %meters)'
complete -c meterbridge -n '__meterbridge_in capture' -l config -s c -x -a '(__meterbridge_place %files)' -d 'the configuration, also -c FILE; default /etc/meterbridge/meterbridge.yaml'
complete -c meterbridge -n '__meterbridge_in capture' -l for -x -d 'how many seconds it reads; default 60'
complete -c meterbridge -n '__meterbridge_in capture' -l output -x -a '(__meterbridge_place %files)' -d 'where the telegrams go; default standard output'


complete -c meterbridge -n '__meterbridge_in help' -a '(__meterbridge_place run check ports init detect scan set-address set-baud decode simulate dead-letter repair topics status watch accept forget capture version help)'
