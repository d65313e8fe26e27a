package org.palimpsest.report.page;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a table of figures does not tell by itself, and a reader of the report must know. It stands
 * at the head of the page, in its provenance and below the titles of pictures. All texts are plain:
 * what has a meaning in HTML is escaped. Immutable: each {@code with…} gives a changed copy.
 *
 * @param title what was studied, such as {@code Transfer from membranes to vessels}
 * @param probes what the networks were shown, such as {@code 8 held-out vessel images, 1 × 128 ×
 *     128, standardised}
 * @param versions of what made the figures beside this library, such as {@code PyTorch} and {@code
 *     2.7.1}
 * @param failures what failed and is not in the table, such as a folder that could not be read
 * @param notes whatever else must be known, such as the command that made the study
 * @param stepName what a step of training is called, such as {@code epoch}
 */
public record StudyFacts(
    String title,
    String probes,
    Map<String, String> versions,
    List<String> failures,
    List<String> notes,
    String stepName) {

  private static final String STEP = "step";

  public StudyFacts {
    versions = Collections.unmodifiableMap(new LinkedHashMap<>(versions));
    failures = List.copyOf(failures);
    notes = List.copyOf(notes);
  }

  /**
   * Title and probes alone; steps of training are called so.
   *
   * @param title what was studied
   * @param probes what the networks were shown
   */
  public static StudyFacts of(String title, String probes) {
    return new StudyFacts(title, probes, Map.of(), List.of(), List.of(), STEP);
  }

  /** Adds what made the figures beside this library, such as {@code PyTorch} {@code 2.7.1}. */
  public StudyFacts withVersion(String software, String version) {
    Map<String, String> more = new LinkedHashMap<>(versions);
    more.put(software, version);
    return new StudyFacts(title, probes, more, failures, notes, stepName);
  }

  /** Adds what failed and is not in the table, in a sentence. */
  public StudyFacts withFailure(String failure) {
    return new StudyFacts(title, probes, versions, with(failures, failure), notes, stepName);
  }

  /** Adds whatever else must be known, in a sentence. */
  public StudyFacts withNote(String note) {
    return new StudyFacts(title, probes, versions, failures, with(notes, note), stepName);
  }

  /** Calls the steps of training something else, such as {@code epoch}. */
  public StudyFacts withStepName(String name) {
    return new StudyFacts(title, probes, versions, failures, notes, name);
  }

  /** What an axis of steps is called. */
  String stepAxis() {
    return stepName.equals(STEP) ? "training step" : stepName;
  }

  private static <T> List<T> with(List<T> list, T one) {
    List<T> more = new ArrayList<>(list);
    more.add(one);
    return more;
  }
}
