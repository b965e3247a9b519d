#include "cli/completion.hpp"

#include <algorithm>
#include <array>

namespace gw::cli {

namespace {

// Each asks `gatewayctl complete`, whose lines are "word<TAB>meaning", and one that begins with a
// colon: what the shell itself is to offer.

constexpr std::string_view bash =
    R"(# bash completion of gatewayctl; for the system: /usr/share/bash-completion/completions/gatewayctl
_gatewayctl() {
  local line words=() cur=${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  # Readline takes `--option=value` for three words.
  local i
  for ((i = 1; i <= COMP_CWORD; i++)); do
    if [[ ${COMP_WORDS[i]} == = ]]; then
      words[-1]+='='
    elif ((i > 1)) && [[ ${COMP_WORDS[i - 1]} == = ]]; then
      words[-1]+=${COMP_WORDS[i]}
    else
      words+=("${COMP_WORDS[i]}")
    fi
  done
  [[ $cur == = ]] && cur=
  while IFS= read -r line; do
    case $line in
      :files) compopt -o default ;;
      :directories) compopt -o dirnames ;;
      :*) ;;
      *)
        line=${line%%$'\t'*}
        [[ ${words[-1]} == --*=* ]] && line=${line#*=}
        COMPREPLY+=("$line")
        ;;
    esac
  done < <("${COMP_WORDS[0]}" complete -- "${words[@]}" 2>/dev/null)
}
complete -F _gatewayctl gatewayctl
)";

constexpr std::string_view zsh = R"(#compdef gatewayctl
# zsh completion of gatewayctl; for the system: /usr/share/zsh/vendor-completions/_gatewayctl
_gatewayctl() {
  local line offer
  local -a found
  for line in "${(@f)$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $line in
      :*) offer=$line ;;
      ?*)
        local word=${line%%$'\t'*} meaning=
        [[ $line == *$'\t'* ]] && meaning=${line#*$'\t'}
        found+=("${word//:/\\:}${meaning:+:$meaning}")
        ;;
    esac
  done
  (( $#found )) && _describe -V gatewayctl found
  case $offer in
    :files) _files ;;
    :directories) _files -/ ;;
  esac
}
if [ "$funcstack[1]" = "_gatewayctl" ]; then
  _gatewayctl "$@"
else
  compdef _gatewayctl gatewayctl
fi
)";

constexpr std::string_view fish =
    R"(# fish completion of gatewayctl; for the system: /usr/share/fish/vendor_completions.d/gatewayctl.fish
function __gatewayctl_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    for line in ($program complete -- $words 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path (commandline -ct)
            case ':directories'
                __fish_complete_directories (commandline -ct)
            case ':*'
            case '*'
                echo $line
        end
    end
end
complete -c gatewayctl -f -a '(__gatewayctl_complete)'
)";

constexpr std::array<std::string_view, 3> shells = {"bash", "zsh", "fish"};
constexpr std::array<std::string_view, 3> scripts = {bash, zsh, fish};

} // namespace

std::vector<std::string> completion_shells() {
    return {shells.begin(), shells.end()};
}

std::string_view completion_script(std::string_view shell) {
    const auto* const found = std::ranges::find(shells, shell);
    return found == shells.end() ? std::string_view()
                                 : scripts.at(static_cast<std::size_t>(found - shells.begin()));
}

} // namespace gw::cli
