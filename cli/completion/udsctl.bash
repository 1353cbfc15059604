# shellcheck shell=bash
# Completion of udsctl for bash. What may follow is known to `udsctl complete`, which asks the daemon; nothing is known
# here. Installed below share/bash-completion; without that: source <(udsctl completion bash)

_udsctl() {
  local line=${COMP_LINE:0:COMP_POINT} words=() index word
  # bash takes words apart at = and :, too. What has no blank in between is one word.
  for ((index = 0; index <= COMP_CWORD; index++)); do
    word=${COMP_WORDS[index]}
    if ((index == 0)) || [[ $line == [[:blank:]]* ]]; then words+=(''); fi
    line=${line#"${line%%[![:blank:]]*}"}
    if ((index == COMP_CWORD)); then word=$line; fi
    words[-1]+=$word
    line=${line#"$word"}
  done
  COMPREPLY=()
  # Within quotes a word is taken apart in other places.
  if [[ ${words[-1]} == *[\"\'\\]* ]]; then return; fi
  words=("${words[@]//[\"\'\\]/}")

  # What is replaced begins behind the last of these.
  local breaks=${COMP_WORDBREAKS//[!=:@]/} kept=
  if [[ $breaks ]]; then kept=${words[-1]%"${words[-1]##*[$breaks]}"}; fi
  while IFS= read -r line; do
    if [[ $line == $'\t'* ]]; then
      local behind=${line#?}
      while IFS= read -r word; do
        word=$behind$word
        COMPREPLY+=("${word#"$kept"}")
      done < <(compgen -f -- "${words[-1]#"$behind"}")
      compopt -o filenames 2>/dev/null
    else
      word=${line%%$'\t'*}
      COMPREPLY+=("${word#"$kept"}")
    fi
  done < <(command udsctl complete "${words[@]:1}" 2>/dev/null </dev/null)
  if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2>/dev/null; fi
}

complete -F _udsctl udsctl
