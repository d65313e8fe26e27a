package org.palimpsest.claims;

import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.palimpsest.io.runs.RunRole;

/**
 * What runs must share to be compared: the task, how hard it is, and how many images there are.
 *
 * @param task what was learned, if that is said
 * @param difficulty easy or hard, if that is said
 * @param images few, many or a number, if that is said
 */
record Condition(Optional<String> task, Optional<String> difficulty, Optional<String> images) {

  static Condition of(RunRole role) {
    return new Condition(role.task(), role.difficulty(), role.images());
  }

  /** For tables: {@code vessels, hard, few images}. */
  String words() {
    String amount = images.map(n -> n + " images").orElse("");
    String words =
        Stream.of(task.orElse(""), difficulty.orElse(""), amount)
            .filter(word -> !word.isEmpty())
            .collect(Collectors.joining(", "));
    return words.isEmpty() ? "all runs" : words;
  }

  /** The name of a figure of this condition; without the condition where there is but one. */
  String named(String figure) {
    return words().equals("all runs") ? figure : figure + ": " + words();
  }
}
