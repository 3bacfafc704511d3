/// `mesh completions`: a script that teaches a shell the commands and options.
enum Completions {
    static let verb = Verb(
        name: "completions",
        summary: "print a completion script for a shell",
        operands: "bash|zsh|fish",
        options: [],
        details: "The script is made from the same list as the help, so it knows every command and option.",
        examples: [
            ("source <(mesh completions bash)", "in ~/.bashrc"),
            ("mesh completions fish > ~/.config/fish/completions/mesh.fish", "for fish"),
            ("mesh completions zsh > \"${fpath[1]}/_mesh\"", "for zsh"),
        ],
        operandKind: .word(["bash", "zsh", "fish"]),
        run: { try run($0) })

    static func run(_ arguments: Arguments) throws -> ExitStatus {
        guard arguments.operands.count == 1 else {
            throw UsageError("\"mesh completions\" needs the name of a shell: bash, zsh or fish")
        }
        switch arguments.operands[0] {
        case "bash": Terminal.print(bash)
        case "zsh": Terminal.print(zsh)
        case "fish": Terminal.print(fish)
        case let other:
            throw UsageError(
                "there is no completion script for \"\(other)\"",
                hint: Suggestion.text(for: other, among: ["bash", "zsh", "fish"]) ?? "bash, zsh and fish are known.")
        }
        return .held
    }

    private static var names: String { Verb.all.map { $0.name }.joined(separator: " ") }

    static var bash: String {
        var cases = ""
        var words = ""
        for verb in Verb.all {
            switch verb.operandKind {
            case .scenarios: break
            case .files(let ending):
                words +=
                    "            \(verb.name)) COMPREPLY=($(compgen -d -- \"$word\") "
                    + "$(compgen -f -X '!*.\(ending)' -- \"$word\")) ;;\n"
            case .word(let list):
                words += "            \(verb.name)) COMPREPLY=($(compgen -W \"\(joined(list))\" -- \"$word\")) ;;\n"
            case .wordAndFiles(let list):
                words +=
                    "            \(verb.name)) COMPREPLY=($(compgen -W \"\(joined(list))\" -- \"$word\") "
                    + "$(compgen -f -- \"$word\")) ;;\n"
            }
            let options = (verb.options.map { $0.name } + ["--help"]).joined(separator: " ")
            cases += "        \(verb.name)) options=\"\(options)\" ;;\n"
        }
        return """
            _mesh() {
                local word="${COMP_WORDS[COMP_CWORD]}" options=""
                if [ "$COMP_CWORD" -eq 1 ]; then
                    COMPREPLY=($(compgen -W "\(names) --help --version" -- "$word"))
                    return
                fi
                case "${COMP_WORDS[1]}" in
            \(cases)    esac
                case "$word" in
                    -*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;
                    *) case "${COMP_WORDS[1]}" in
            \(words)            *) COMPREPLY=($(compgen -d -- "$word") $(compgen -f -X '!*.mesh' -- "$word")) ;;
                       esac ;;
                esac
            }
            complete -o filenames -F _mesh mesh
            """
    }

    static var zsh: String {
        var cases = ""
        for verb in Verb.all {
            var specs: [String] = []
            for option in verb.options {
                let value = option.value.map { ":\($0.replacing(":", with: " ")):" } ?? ""
                specs.append("'\(option.name)[\(quoted(option.summary))]\(value)'")
            }
            let operand =
                switch verb.operandKind {
                case .scenarios: "'*:scenario:_files -g \"*.mesh(-.) *(-/)\"'"
                case .files(let ending): "'*:file:_files -g \"*.\(ending)(-.) *(-/)\"'"
                case .word(let list): "'1:word:(\(joined(list)))'"
                case .wordAndFiles(let list): "'1:word:(\(joined(list)))' '*:file:_files'"
                }
            cases += "        \(verb.name)) _arguments \((specs + [operand]).joined(separator: " ")) ;;\n"
        }
        let verbs = Verb.all.map { "'\($0.name):\(quoted($0.summary))'" }.joined(separator: " ")
        return """
            #compdef mesh
            _mesh() {
                local -a verbs
                verbs=(\(verbs))
                if (( CURRENT == 2 )); then
                    _describe command verbs
                    return
                fi
                local verb="$words[2]"
                shift words
                (( CURRENT-- ))
                case "$verb" in
            \(cases)    esac
            }
            _mesh "$@"
            """
    }

    static var fish: String {
        var lines = ["complete -c mesh -f"]
        for verb in Verb.all {
            lines.append(
                "complete -c mesh -n __fish_use_subcommand -a \(verb.name) -d '\(quoted(verb.summary))'")
            let condition = "'__fish_seen_subcommand_from \(verb.name)'"
            for option in verb.options {
                let name = option.name.dropFirst(2) + (option.value == nil ? "" : " -r")
                lines.append("complete -c mesh -n \(condition) -l \(name) -d '\(quoted(option.summary))'")
            }
            switch verb.operandKind {
            case .scenarios: lines.append("complete -c mesh -n \(condition) -a '(__fish_complete_suffix .mesh)'")
            case .files(let ending):
                lines.append("complete -c mesh -n \(condition) -a '(__fish_complete_suffix .\(ending))'")
            case .word(let list): lines.append("complete -c mesh -n \(condition) -a '\(joined(list))'")
            case .wordAndFiles(let list): lines.append("complete -c mesh -n \(condition) -F -a '\(joined(list))'")
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func joined(_ words: [String]) -> String { words.joined(separator: " ") }

    private static func quoted(_ text: String) -> String { text.replacing("'", with: "’") }
}
