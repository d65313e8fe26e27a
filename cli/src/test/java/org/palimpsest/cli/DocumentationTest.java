package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The page on the command line names the commands and options that there are, and no others. */
class DocumentationTest {

  private static final Path PAGE = Path.of("..", "docs", "command-line.md");
  private static final Pattern OPTION = Pattern.compile("--[a-z][a-z-]+");
  private static final Pattern COMMAND = Pattern.compile("(?m)^## ([a-z-]+)$");

  private final CommandLine line = CommandRunner.commandLine(new Palimpsest());

  @Test
  void optionsAreThoseOfTheCommands() throws IOException {
    Set<String> known =
        line.getSubcommands().values().stream()
            .flatMap(command -> command.getCommandSpec().options().stream())
            .map(CommandLine.Model.OptionSpec::longestName)
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(matches(OPTION, 0)).isEqualTo(known);
  }

  @Test
  void everyCommandHasASection() throws IOException {
    assertThat(matches(COMMAND, 1)).isEqualTo(new TreeSet<>(line.getSubcommands().keySet()));
  }

  private static Set<String> matches(Pattern pattern, int group) throws IOException {
    return pattern
        .matcher(Files.readString(PAGE))
        .results()
        .map((MatchResult found) -> found.group(group))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
