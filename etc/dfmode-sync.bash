# SPDX-License-Identifier: MIT
# bash completion of dfmode-sync(8): what stands before the word, and whether there is a command, says what may follow.

# The command and the -c FILE among the words before the cursor, in $command and $config; empty: none yet.
_dfmode_sync_words() {
	local i word
	command='' config=''
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		-c | --config | --log | --timeout | --file | -n)
			((i++))
			[[ ${COMP_WORDS[i]} != '=' ]] || ((i++))
			[[ $word != -c && $word != --config ]] || config=${COMP_WORDS[i]}
			;;
		-* | =) ;;
		*) [[ -n $command ]] || command=$word ;;
		esac
	done
}

_dfmode_sync_commands='run apply check import plan status wait reload push edit resync next help'

_dfmode_sync_options() {
	printf '%s ' -c --config= --log= -v --verbose -h --help -V --version
	case $command in
	edit) printf '%s ' --file= ;;
	apply) printf '%s ' --timeout= --json ;;
	wait) printf '%s ' --timeout= ;;
	check | plan | resync) printf '%s ' --json ;;
	status) printf '%s ' --json --watch ;;
	next) printf '%s ' --json --week -n ;;
	esac
}

# The ids that the running daemon has in force, else those of the file.
_dfmode_sync_ids() {
	local program=${COMP_WORDS[0]} source
	for source in status check; do
		"$program" ${config:+-c "$config"} "$source" --json 2>/dev/null |
			grep -oE '\{"id": ?[0-9]+' | grep -oE '[0-9]+' && return
	done
}

_dfmode_sync() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command config

	# bash separates words at '=': "--log=te" comes as "--log", "=", "te".
	if [[ $current == '=' ]]; then
		current=
	elif [[ $previous == '=' ]]; then
		previous=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	COMPREPLY=()
	case $previous in
	-c | --config | --file)
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
	_dfmode_sync_words
	if [[ $current == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_dfmode_sync_options)" -- "$current")
		[[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace 2>/dev/null
		return
	fi
	case $command in
	'' | help) mapfile -t COMPREPLY < <(compgen -W "$_dfmode_sync_commands" -- "$current") ;;
	plan | status | wait | push | resync | next) mapfile -t COMPREPLY < <(compgen -W "$(_dfmode_sync_ids)" -- "$current") ;;
	esac
}

complete -F _dfmode_sync dfmode-sync
