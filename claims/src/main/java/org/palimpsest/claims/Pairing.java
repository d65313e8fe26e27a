package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Whether the design pairs the runs of several arms: each pair is named in each arm once.
 *
 * @param isGiven whether it does
 * @param unused why not, if runs name pairs that do not serve; empty if none does
 */
record Pairing(boolean isGiven, List<String> unused) {

  Pairing {
    unused = List.copyOf(unused);
  }

  static Pairing of(List<List<ObservedRun>> arms) {
    List<ObservedRun> all = arms.stream().flatMap(List::stream).toList();
    if (all.stream().allMatch(run -> run.role().pair().isEmpty())) {
      return new Pairing(false, List.of());
    }
    TreeSet<String> faults = new TreeSet<>();
    all.stream()
        .filter(run -> run.role().pair().isEmpty())
        .forEach(run -> faults.add(run.name() + " names no pair"));
    TreeSet<String> words = new TreeSet<>();
    all.forEach(run -> run.role().pair().ifPresent(words::add));
    for (List<ObservedRun> arm : arms) {
      Map<String, List<String>> names =
          arm.stream()
              .filter(run -> run.role().pair().isPresent())
              .collect(
                  Collectors.groupingBy(
                      run -> run.role().pair().orElseThrow(),
                      Collectors.mapping(ObservedRun::name, Collectors.toList())));
      for (String word : words) {
        List<String> runs = names.getOrDefault(word, List.of());
        if (runs.size() > 1) {
          faults.add("pair '%s' names %s of one arm".formatted(word, String.join(" and ", runs)));
        } else if (runs.isEmpty()) {
          faults.add(
              "pair '%s' is missing beside %s".formatted(word, arm.isEmpty() ? "?" : group(arm)));
        }
      }
    }
    List<String> told = new ArrayList<>();
    if (!faults.isEmpty()) {
      told.add("Runs are not compared within pairs here: " + String.join("; ", faults) + ".");
    }
    return new Pairing(faults.isEmpty() && !all.isEmpty(), told);
  }

  /** The arm's first run, by which a reader finds the arm. */
  private static String group(List<ObservedRun> arm) {
    return arm.get(0).name();
  }

  /** The runs in the order of their pairs. */
  static List<ObservedRun> inOrder(List<ObservedRun> arm) {
    return arm.stream().sorted(Comparator.comparing(run -> run.role().pair().orElse(""))).toList();
  }
}
