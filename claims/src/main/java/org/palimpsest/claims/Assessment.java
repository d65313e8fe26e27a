package org.palimpsest.claims;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.palimpsest.claims.AssessmentPage.Sentences;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.AtomicFile;
import org.palimpsest.internal.file.MadeFiles;
import org.palimpsest.internal.file.StrictJson;
import org.palimpsest.internal.text.VisibleText;
import org.palimpsest.similarity.statistics.Judgement;
import org.palimpsest.similarity.statistics.Judgement.Verdict;

/**
 * What training runs say of each claim.
 *
 * <p>A verdict alone errs in at most 2.5 % of cases on each side; ten such verdicts err together
 * more often, which is why those in {@code together} are stricter and stand first on the page.
 *
 * @param findings one per claim, in the order of {@link Claim#all()}
 * @param together the verdicts such that the probability of any false one among them is at most 5 %
 *     (Holm), in the same order; a claim that could not be judged does not count
 * @param facts what was judged, by name
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

  private static final String LIST = ".assessment";
  private static final String MARKDOWN = "assess.md";
  private static final String JSON = "assess.json";

  public Assessment {
    findings = List.copyOf(findings);
    together = List.copyOf(together);
    facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    notes = List.copyOf(notes);
    problems = List.copyOf(problems);
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

  /**
   * One line per claim, in words: its number, the claim, the verdict, and the figure that decides,
   * for a terminal.
   */
  public List<String> summary() {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < findings.size(); i++) {
      Claim claim = findings.get(i).claim();
      lines.add(
          "%s %s: %s.%s"
              .formatted(
                  claim.number(),
                  claim.statement(),
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

  /**
   * Why a claim cannot be told and what would have to be added; empty if it can be told.
   *
   * @param index of the claim among the findings
   * @return in sentences, such as how many more networks would probably decide
   */
  public List<String> wouldTell(int index) {
    Finding finding = findings.get(index);
    boolean isUndoneByOthers =
        together.get(index) == Verdict.CANNOT_BE_TOLD
            && finding.verdict() != Verdict.CANNOT_BE_TOLD;
    return isUndoneByOthers
        ? List.of(Sentences.undoneByOthers(finding, corrected(index)))
        : finding.wouldTell();
  }

  private double corrected(int index) {
    List<Finding> asked = findings.stream().filter(finding -> finding.missing().isEmpty()).toList();
    double[] p = Judgement.holm(asked.stream().mapToDouble(f -> f.judgement().p()).toArray());
    return p[asked.indexOf(findings.get(index))];
  }

  /**
   * Whether everything that was there could be used. Where it is not, verdicts rest on what could.
   */
  public boolean isComplete() {
    return problems.isEmpty();
  }

  /**
   * The files that {@link #write} writes always; pictures lie in a folder beside them.
   *
   * @param folder where they would be
   * @return the page, the Markdown and the JSON; nothing is looked at or written
   */
  public static List<Path> files(Path folder) {
    return List.of(folder.resolve(PAGE), folder.resolve(MARKDOWN), folder.resolve(JSON));
  }

  /**
   * Writes the page, the same as Markdown with its pictures in the folder {@code pictures}, and all
   * figures as JSON, each whole or not at all. Pictures that an earlier assessment made there and
   * this does not are removed.
   *
   * @return the files, the page first
   * @throws PalimpsestException if one cannot be written
   */
  public List<Path> write(Path folder) {
    AtomicFile.write(folder.resolve(MARKDOWN), new Markdown(this).text());
    AtomicFile.write(folder.resolve(JSON), new Json(this).text());
    AtomicFile.write(folder.resolve(PAGE), new AssessmentPage(this).html());
    List<Path> files = new ArrayList<>(files(folder));
    files.addAll(writePictures(folder.resolve(PICTURES)));
    return List.copyOf(files);
  }

  private List<Path> writePictures(Path folder) {
    Map<String, String> pictures = new LinkedHashMap<>();
    findings.forEach(finding -> pictures.putAll(FindingPictures.of(finding)));
    return MadeFiles.in(folder, LIST)
        .replace(
            pictures.keySet(),
            () -> {
              pictures.forEach((name, svg) -> AtomicFile.write(folder.resolve(name), svg));
              return pictures.keySet().stream().map(folder::resolve).toList();
            });
  }

  /** An assessment for programs. Ends that are open are null. */
  private static final class Json {

    private final Assessment assessment;

    Json(Assessment assessment) {
      this.assessment = assessment;
    }

    String text() {
      ObjectNode json = StrictJson.mapper().createObjectNode();
      ObjectNode facts = json.putObject("facts");
      assessment.facts().forEach(facts::put);
      texts(json.putArray("notes"), assessment.notes());
      texts(json.putArray("problems"), assessment.problems());
      ArrayNode claims = json.putArray("claims");
      for (int i = 0; i < assessment.findings().size(); i++) {
        Finding finding = assessment.findings().get(i);
        ObjectNode claim = claims.addObject();
        claim.put("number", finding.claim().number());
        claim.put("claim", finding.claim().key());
        claim.put("statement", finding.claim().statement());
        claim.put("verdict", finding.verdict().words());
        claim.put("verdict_together", assessment.together().get(i).words());
        judgement(claim, finding.judgement());
        texts(claim.putArray("missing"), finding.missing());
        texts(claim.putArray("would_tell"), assessment.wouldTell(i));
        texts(claim.putArray("readings"), finding.readings());
        finding.evidence().forEach(one -> evidence(claim.withArray("figures").addObject(), one));
        texts(claim.putArray("varies"), finding.varies());
        texts(claim.putArray("fixed"), finding.fixed());
        texts(claim.putArray("caveats"), finding.caveats());
        finding.tables().forEach(grid -> grid(claim.withArray("tables").addObject(), grid));
      }
      return json.toPrettyString() + "\n";
    }

    private static void judgement(ObjectNode json, Judgement judgement) {
      json.put("p_for", judgement.pFor());
      json.put("p_against", judgement.pAgainst());
    }

    private static void evidence(ObjectNode json, Evidence evidence) {
      json.put("quantity", evidence.quantity().label());
      json.put("of", evidence.of());
      json.put("figure", evidence.what());
      number(json, "value", evidence.value().orElse(Double.NaN));
      number(json, "low", evidence.interval().low());
      number(json, "high", evidence.interval().high());
      json.put("level", evidence.interval().level());
      number(json, "claimed_from", evidence.from());
      number(json, "claimed_to", evidence.to());
      json.put("decides", evidence.decides());
      json.put("verdict", evidence.verdict().words());
      judgement(json, evidence.judgement());
      json.put("networks", evidence.networks());
      json.put("units", evidence.units());
      evidence
          .needed()
          .flatMap(needed -> needed.networks().stream().boxed().findFirst())
          .ifPresent(count -> json.put("networks_needed", count));
    }

    private static void number(ObjectNode json, String name, double value) {
      if (Double.isFinite(value)) {
        json.put(name, value);
      } else {
        json.putNull(name);
      }
    }

    private static void grid(ObjectNode json, Finding.Table grid) {
      json.put("caption", grid.caption());
      texts(json.putArray("header"), grid.header());
      grid.rows().forEach(row -> texts(json.withArray("rows").addArray(), row));
    }

    private static void texts(ArrayNode array, List<String> texts) {
      texts.forEach(array::add);
    }
  }

  /** An assessment as Markdown. */
  private static final class Markdown {

    private final Assessment assessment;
    private final List<String> lines = new ArrayList<>();

    Markdown(Assessment assessment) {
      this.assessment = assessment;
    }

    String text() {
      lines.add("# What these runs say of transfer learning");
      paragraph(Sentences.INTRODUCTION);
      lines.add("");
      assessment.summary().forEach(line -> lines.add("- " + escaped(line)));
      paragraph(Sentences.HOW_TO_READ);
      paragraph(Sentences.WORDS);
      assessment.notes().forEach(note -> paragraph("Note: " + note));
      IntStream.range(0, assessment.findings().size()).forEach(this::claim);
      lines.add("");
      lines.add("## What was looked at");
      lines.add("");
      assessment
          .facts()
          .forEach((name, fact) -> lines.add("- %s: %s".formatted(escaped(name), escaped(fact))));
      assessment
          .problems()
          .forEach(problem -> lines.add("- Could not be used: " + escaped(problem)));
      return String.join("\n", lines) + "\n";
    }

    private void claim(int index) {
      Finding finding = assessment.findings().get(index);
      lines.add("");
      lines.add("## %s %s".formatted(finding.claim().number(), finding.claim().statement()));
      paragraph("**" + Sentences.verdict(assessment, index) + "**");
      items(assessment.wouldTell(index));
      items(finding.readings());
      FindingPictures.of(finding)
          .keySet()
          .forEach(
              name -> {
                lines.add("");
                lines.add(
                    "![%s](%s/%s)"
                        .formatted(finding.claim().statement(), Assessment.PICTURES, name));
              });
      if (!finding.evidence().isEmpty()) {
        table(Sentences.evidence(finding));
      }
      if (!finding.varies().isEmpty()) {
        paragraph(Sentences.varies(finding));
        paragraph(Sentences.fixed(finding));
      }
      paragraph("How it is judged: " + finding.claim().judged());
      items(finding.caveats());
      finding.tables().forEach(this::table);
    }

    private void items(List<String> texts) {
      if (!texts.isEmpty()) {
        lines.add("");
        texts.forEach(text -> lines.add("- " + escaped(text)));
      }
    }

    private void paragraph(String text) {
      lines.add("");
      lines.add(escaped(text));
    }

    private void table(Finding.Table grid) {
      paragraph(grid.caption() + ":");
      lines.add("");
      lines.add(row(grid.header()));
      lines.add(row(grid.header().stream().map(cell -> "---").toList()));
      grid.rows().forEach(cells -> lines.add(row(cells)));
    }

    private static String row(List<String> cells) {
      return cells.stream()
          .map(cell -> escaped(cell).replace("|", "\\|"))
          .collect(Collectors.joining(" | ", "| ", " |"));
    }

    private static String escaped(String text) {
      return VisibleText.of(text).replace("<", "&lt;").replace("`", "\\`");
    }
  }
}
