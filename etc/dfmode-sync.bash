# SPDX-License-Identifier: MIT
# bash completion of dfmode-sync(8): what stands before the word, and whether there is a command, says what may follow.

# The command among the words before the cursor, in $command; empty: none yet.
_dfmode_sync_command() {
	local i word
	command=
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		-c | --config | --log | --timeout | -n) ((i++)); [[ ${COMP_WORDS[i]} != '=' ]] || ((i++)) ;;
		-* | =) ;;
		*)
			command=$word
			return
			;;
		esac
	done
}

_dfmode_sync_options() {
	case $command in
	'') printf '%s ' -c --config= --log= -v --verbose -h --help -V --version ;;
	run) printf '%s ' -c --config= --log= -v --verbose ;;
	apply) printf '%s ' -c --config= --log= --timeout= -v --verbose ;;
	check | plan) printf '%s ' -c --config= --json ;;
	status) printf '%s ' -c --config= --json --watch ;;
	import | resync) printf '%s ' -c --config= ;;
	next) printf '%s ' -n ;;
	esac
}

_dfmode_sync() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command

	# bash parts words at '=': "--log=te" comes as "--log", "=", "te".
	if [[ $current == '=' ]]; then
		current=
	elif [[ $previous == '=' ]]; then
		previous=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	COMPREPLY=()
	case $previous in
	-c | --config)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		return
		;;
	--log)
		mapfile -t COMPREPLY < <(compgen -W 'auto text json journal' -- "$current")
		return
		;;
	-n | --timeout) return ;;
	esac
	_dfmode_sync_command
	if [[ $current == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_dfmode_sync_options)" -- "$current")
		[[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace 2>/dev/null
	elif [[ -z $command ]]; then
		mapfile -t COMPREPLY < <(compgen -W 'run apply check import plan resync status next' -- "$current")
	fi
}

complete -F _dfmode_sync dfmode-sync
