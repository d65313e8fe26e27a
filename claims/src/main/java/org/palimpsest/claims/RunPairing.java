package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Whether the design pairs the runs of several arms: each pair is named in each arm once.
 *
 * @param isGiven whether it does
 * @param unused why not, if runs name pairs that do not serve; empty if none does
 */
record RunPairing(boolean isGiven, List<String> unused) {

  RunPairing {
    unused = List.copyOf(unused);
  }

  static RunPairing of(List<List<ObservedRun>> arms) {
    SortedSet<String> pairs = new TreeSet<>();
    arms.stream().flatMap(List::stream).forEach(run -> run.role().pair().ifPresent(pairs::add));
    if (pairs.isEmpty()) {
      return new RunPairing(false, List.of());
    }
    SortedSet<String> faults = new TreeSet<>();
    arms.forEach(arm -> faults.addAll(faults(arm, pairs)));
    return faults.isEmpty()
        ? new RunPairing(true, List.of())
        : new RunPairing(
            false,
            List.of("Runs are not compared within pairs here: " + String.join("; ", faults) + "."));
  }

  private static List<String> faults(List<ObservedRun> arm, SortedSet<String> pairs) {
    List<String> faults = new ArrayList<>();
    Map<String, List<String>> names = new HashMap<>();
    for (ObservedRun run : arm) {
      run.role()
          .pair()
          .ifPresentOrElse(
              pair -> names.computeIfAbsent(pair, p -> new ArrayList<>()).add(run.name()),
              () -> faults.add(run.name() + " names no pair"));
    }
    for (String pair : pairs) {
      List<String> runs = names.getOrDefault(pair, List.of());
      if (runs.size() > 1) {
        faults.add("pair '%s' names %s of one arm".formatted(pair, String.join(" and ", runs)));
      } else if (runs.isEmpty() && !arm.isEmpty()) {
        faults.add("pair '%s' is missing beside %s".formatted(pair, arm.get(0).name()));
      } else if (runs.isEmpty()) {
        faults.add("an arm has no runs");
      }
    }
    return faults;
  }

  /** The runs in the order of their pairs. */
  static List<ObservedRun> inOrder(List<ObservedRun> arm) {
    return arm.stream().sorted(Comparator.comparing(run -> run.role().pair().orElse(""))).toList();
  }
}
