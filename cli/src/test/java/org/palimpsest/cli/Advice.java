package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;

/**
 * What a message advises can be done: an option that it names is one of the command that said it,
 * or of a command that the same sentence names. It has no words of libraries either.
 */
final class Advice {

  private static final Pattern MESSAGE =
      Pattern.compile("^(?:palimpsest: |warning: |note: |note  |next  )");
  private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--[a-z][a-z-]+");
  private static final Pattern END_OF_SENTENCE = Pattern.compile("[.:] |; or ");
  private static final Pattern LIBRARY =
      Pattern.compile(
          "com\\.fasterxml|was expecting|Unexpected character|Unrecognized token|Trailing token"
              + "|java\\.(?:io|nio|lang|util)\\.\\w*|: null\\b");

  private static final Map<String, CommandLine> COMMANDS =
      CommandRunner.commandLine(new Palimpsest()).getSubcommands();

  private Advice() {}

  /** Looks at a line that a command printed. */
  static void requireUsable(String message, String command) {
    if (!MESSAGE.matcher(message).find()
        || message.matches("palimpsest: (Unknown option|Unmatched argument).*")) {
      return;
    }
    if (!message.contains("Unexpected failure")) {
      assertThat(LIBRARY.matcher(message).results().map(found -> found.group()))
          .as(message)
          .isEmpty();
    }
    for (String sentence : END_OF_SENTENCE.split(message)) {
      Set<String> known = optionsOf(sentence, command);
      Matcher option = OPTION.matcher(sentence);
      while (option.find()) {
        assertThat(known)
            .as("%s of '%s' in: %s", option.group(), command, message)
            .contains(option.group());
      }
    }
  }

  private static Set<String> optionsOf(String sentence, String command) {
    Set<String> words = new HashSet<>(Arrays.asList(sentence.split("[^\\w-]+")));
    words.add(command);
    Set<String> options = new HashSet<>();
    COMMANDS.forEach(
        (name, line) -> {
          if (words.contains(name)) {
            options.addAll(line.getCommandSpec().optionsMap().keySet());
          }
        });
    return options;
  }
}
