package org.palimpsest.claims;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Version;
import org.palimpsest.core.evolution.CheckpointRecord;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.internal.file.AtomicFile;
import org.palimpsest.io.runs.RunRole;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.similarity.statistics.Judgement;
import org.palimpsest.similarity.statistics.Verdict;

/**
 * What training runs say of each claim.
 *
 * @param findings one per claim, in the order of {@link Claim#all()}
 * @param together the verdicts such that the probability of any false one among them is at most 5 %
 *     (Holm), in the same order; a claim that could not be looked at does not count
 * @param facts what was looked at, by name
 * @param notes what should be known of all figures
 * @param problems what could not be used
 */
public record Assessment(
    List<Finding> findings,
    List<Verdict> together,
    Map<String, String> facts,
    List<String> notes,
    List<String> problems) {

  /** What the page is called. */
  public static final String PAGE = "assess.html";

  static final String PICTURES = "pictures";

  private static final String MARKDOWN = "assess.md";
  private static final String JSON = "assess.json";

  public Assessment {
    findings = List.copyOf(findings);
    together = List.copyOf(together);
    facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    notes = List.copyOf(notes);
    problems = List.copyOf(problems);
  }

  static Assessment of(Assessor asked, Path folder) {
    requireSources(asked.runs());
    Gathering gathering = new Gathering(asked);
    Gathering.Result found = gathering.gather(folder);
    List<String> notes = new ArrayList<>(gathering.notesOfRuns());
    notes.addAll(found.observations().notes());
    notes.addAll(unused(found.observations().runs()));
    notes.addAll(scoredInTwoWays(found.observations()));
    found
        .observations()
        .conditions()
        .forEach(condition -> notes.addAll(Collapse.in(found.observations(), condition).told()));
    return judged(
        found.observations(),
        facts(asked, found),
        notes,
        found.broken().stream().map(Assessment::problem).toList());
  }

  /** The claims judged on what is known already. */
  static Assessment judged(
      Observations observations,
      Map<String, String> facts,
      List<String> notes,
      List<String> problems) {
    List<Finding> findings = Claim.all().stream().map(claim -> claim.judge(observations)).toList();
    return new Assessment(findings, together(findings), facts, notes, problems);
  }

  private static List<Verdict> together(List<Finding> findings) {
    List<Judgement> asked =
        findings.stream()
            .filter(finding -> finding.missing().isEmpty())
            .map(Finding::judgement)
            .toList();
    List<Verdict> corrected =
        asked.isEmpty() ? List.of() : Judgement.together(asked, Judgement.LEVEL);
    List<Verdict> verdicts = new ArrayList<>();
    int next = 0;
    for (Finding finding : findings) {
      verdicts.add(finding.missing().isEmpty() ? corrected.get(next++) : Verdict.CANNOT_BE_TOLD);
    }
    return verdicts;
  }

  private static void requireSources(RunsFolder runs) {
    Set<String> names = new TreeSet<>(runs.allRuns().stream().map(TrainingRun::name).toList());
    for (TrainingRun run : runs.runs()) {
      RunRole role = runs.facts(run).role();
      String source = role.source().orElse("source");
      if (role.isTransferred() && !source.equals("source") && !names.contains(source)) {
        throw new PalimpsestException(
            "%s says that it started from '%s', but no run is called so. The runs are %s."
                .formatted(run.name(), source, String.join(", ", names)));
      }
    }
  }

  private static List<String> unused(List<ObservedRun> runs) {
    List<String> names =
        runs.stream()
            .filter(run -> run.role().start().isEmpty() && !run.role().floor())
            .map(ObservedRun::name)
            .filter(name -> runs.stream().noneMatch(run -> isSource(name, run)))
            .toList();
    return names.isEmpty()
        ? List.of()
        : List.of(
            "Nothing says what these runs started from, so that no claim looks at them (say \"start\" in a file run.json beside the checkpoints): %s."
                .formatted(String.join(", ", names)));
  }

  private static List<String> scoredInTwoWays(Observations observations) {
    List<String> mixed =
        Condition.all(observations.runs()).stream()
            .filter(
                condition ->
                    Arms.scored(
                                observations.in(
                                    condition, role -> role.start().isPresent() || role.floor()))
                            .stream()
                            .map(ObservedRun::isScoredByMasks)
                            .distinct()
                            .count()
                        > 1)
            .map(Condition::words)
            .toList();
    return mixed.isEmpty()
        ? List.of()
        : List.of(
            "Scores are of two kinds (%s): by masks of the probes %s; by their logs %s. Where the log is of other images than the probes their Dice does not compare: give all runs a log, or none."
                .formatted(
                    String.join("; ", mixed),
                    scored(observations, true),
                    scored(observations, false)));
  }

  private static String scored(Observations observations, boolean byMasks) {
    return observations.runs().stream()
        .filter(run -> !run.scores().isEmpty() && run.isScoredByMasks() == byMasks)
        .map(ObservedRun::name)
        .collect(Collectors.joining(", "));
  }

  private static boolean isSource(String name, ObservedRun run) {
    return run.role().source().filter(name::equals).isPresent() || name.equals("source");
  }

  private static Map<String, String> facts(Assessor asked, Gathering.Result found) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("Runs", asked.runs().root().toString());
    for (Condition condition : found.observations().conditions()) {
      facts.put(
          "Condition " + condition.words(),
          "%d transferred, %d random, %d with a frozen random encoder, %d floor"
              .formatted(
                  found.observations().transferred(condition).size(),
                  found.observations().random(condition).size(),
                  found.observations().frozen(condition).size(),
                  found.observations().floor(condition).size()));
    }
    found
        .observations()
        .main()
        .filter(main -> found.observations().conditions().size() > 1)
        .ifPresent(main -> facts.put("Representations and filters are those of", main.words()));
    for (boolean byMasks : new boolean[] {false, true}) {
      String scored = scored(found.observations(), byMasks);
      if (!scored.isEmpty()) {
        facts.put(byMasks ? "Scored by masks of the probes" : "Scored by logs", scored);
      }
    }
    facts.put("Blocks", found.layers());
    facts.put("Probes", asked.shown());
    asked
        .probes()
        .ifPresent(probes -> facts.put("Probes' fingerprint", probes.fingerprint().value()));
    facts.put("Palimpsest", Version.current());
    return facts;
  }

  private static String problem(CheckpointRecord broken) {
    return "%s, step %d: %s"
        .formatted(
            broken.run().name(), broken.checkpoint().step(), broken.problem().orElse("unknown"));
  }

  /** One line per claim, in words. */
  public List<String> summary() {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < findings.size(); i++) {
      lines.add(
          "%s: %s.%s"
              .formatted(
                  findings.get(i).claim().statement(),
                  verdict(i),
                  Sentences.headline(findings.get(i))));
    }
    return lines;
  }

  /**
   * The verdict on one claim, corrected, and beside it the one without correction if it differs.
   */
  String verdict(int index) {
    Finding finding = findings.get(index);
    Verdict corrected = together.get(index);
    if (!finding.missing().isEmpty()) {
      return "cannot be told (runs are missing)";
    }
    return corrected == finding.verdict()
        ? corrected.words()
        : "cannot be told together with the other claims (alone: it %s)"
            .formatted(finding.verdict().words());
  }

  /** Whether everything that was there could be used. */
  public boolean isComplete() {
    return problems.isEmpty();
  }

  /** The files that {@link #write} writes always; pictures lie in a folder beside them. */
  public static List<Path> files(Path folder) {
    return List.of(folder.resolve(PAGE), folder.resolve(MARKDOWN), folder.resolve(JSON));
  }

  /**
   * Writes the page, the same as Markdown with its pictures in the folder {@code pictures}, and all
   * figures as JSON, each whole or not at all.
   *
   * @return the files, the page first
   * @throws PalimpsestException if one cannot be written
   */
  public List<Path> write(Path folder) {
    AtomicFile.write(folder.resolve(MARKDOWN), new AssessmentMarkdown(this).text());
    AtomicFile.write(folder.resolve(JSON), new AssessmentJson(this).text());
    AtomicFile.write(folder.resolve(PAGE), new AssessmentPage(this).html());
    List<Path> files = new ArrayList<>(files(folder));
    for (Finding finding : findings) {
      AssessmentPictures.of(finding)
          .forEach(
              (name, svg) -> {
                Path file = folder.resolve(PICTURES).resolve(name);
                AtomicFile.write(file, svg);
                files.add(file);
              });
    }
    return List.copyOf(files);
  }
}
