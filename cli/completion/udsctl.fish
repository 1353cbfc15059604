# Completion of udsctl for fish. What may follow is known to `udsctl complete`, which asks the daemon; nothing is known
# here. Installed below share/fish; without that: udsctl completion fish | source

function __udsctl_complete
    set -l words (commandline -opc)
    set -e words[1]
    set -l current (commandline -ct)
    for line in (command udsctl complete $words "$current" 2>/dev/null </dev/null)
        if string match -q \t'*' -- $line
            set -l behind (string sub -s 2 -- $line)
            set -l typed (string sub -s (string length -- $line) -- "$current")
            for file in (__fish_complete_path "$typed")
                echo $behind$file
            end
        else
            echo $line
        end
    end
end

complete -c udsctl -f -a '(__udsctl_complete)'
