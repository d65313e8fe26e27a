package org.palimpsest.claims;

import java.util.List;
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
record TrainingCondition(
    Optional<String> task, Optional<String> difficulty, Optional<String> images) {

  static TrainingCondition of(RunRole role) {
    return new TrainingCondition(role.task(), role.difficulty(), role.images());
  }

  /** Those of any run, in order. */
  static List<TrainingCondition> all(List<ObservedRun> runs) {
    return runs.stream().map(run -> of(run.role())).distinct().toList();
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

  /** Behind a sentence: {@code (vessels, hard)}; nothing where there is but one. */
  String bracketed() {
    return words().equals("all runs") ? "" : " (" + words() + ")";
  }

  /** The name of a figure of this condition; without the condition where there is but one. */
  String named(String figure) {
    return words().equals("all runs") ? figure : figure + bracketed();
  }
}
