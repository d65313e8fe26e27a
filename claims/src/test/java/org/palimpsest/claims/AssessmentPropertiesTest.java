package org.palimpsest.claims;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.function.UnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.io.runs.RunRole;

/**
 * What an assessment of any runs does not depend on, and that its page, Markdown and JSON say the
 * same.
 */
class AssessmentPropertiesTest {

  /** Runs of all kinds, other ones for each number. */
  private static final class Study extends SimulatedRuns {

    Study(int number) {
      for (int i = 0; i < number; i++) {
        random.nextLong();
      }
      int networks = 3 + number % 3;
      addArms(networks);
      add("source", RunRole.unknown(), Map.of());
      for (int i = 0; i < networks; i++) {
        add("frozen/" + i, with(role("random"), "encoder", false), curve(60));
        add("floor/" + i, with(role("random"), "", true), Map.of(100L, 0.4 + noise(0.01)));
      }
      addFates(30 + 10 * noise(1), 60, 0.55, networks);
      addEnds(0.8 + noise(0.05), 0.6, 0.4 + noise(0.1), 0.7);
    }
  }

  private static Assessment judged(Observations observations) {
    return Assessment.judged(observations, Map.of("Runs", "made up"), List.of(), List.of());
  }

  private static Observations changed(
      Observations of, List<ObservedRun> runs, UnaryOperator<String> names) {
    Map<RunPair, double[]> ends = new HashMap<>();
    of.ends()
        .forEach(
            (pair, values) ->
                ends.put(
                    RunPair.of(names.apply(pair.first()), names.apply(pair.second())), values));
    Map<String, double[]> toStart = new HashMap<>();
    of.toStart().forEach((run, values) -> toStart.put(names.apply(run), values));
    Map<String, List<LayerFate>> fates = new HashMap<>();
    of.fates().forEach((run, layers) -> fates.put(names.apply(run), layers));
    List<ObservedRun> named =
        runs.stream()
            .map(run -> ObservedRun.ofLog(names.apply(run.name()), run.role(), run.scores()))
            .toList();
    return new Observations(named, of.blocks(), ends, toStart, fates, Map.of(), of.notes());
  }

  private static void assertSame(Assessment one, Assessment other) {
    assertThat(other.together()).isEqualTo(one.together());
    for (int i = 0; i < one.findings().size(); i++) {
      Finding finding = one.findings().get(i);
      Finding again = other.findings().get(i);
      String claim = finding.claim().key();

      assertThat(again.verdict()).as(claim).isEqualTo(finding.verdict());
      assertThat(again.evidence()).as(claim).hasSameSizeAs(finding.evidence());
      for (int e = 0; e < finding.evidence().size(); e++) {
        assertSame(claim, finding.evidence().get(e), again.evidence().get(e));
      }
    }
  }

  private static void assertSame(String claim, Evidence one, Evidence other) {
    String what = claim + ", " + one.what();

    assertThat(other.quantity()).isEqualTo(one.quantity());
    assertThat(other.what()).isEqualTo(one.what());
    assertClose(what, other.value(), one.value());
    assertClose(
        what, OptionalDouble.of(other.interval().low()), OptionalDouble.of(one.interval().low()));
    assertClose(
        what, OptionalDouble.of(other.interval().high()), OptionalDouble.of(one.interval().high()));
    assertThat(other.networks()).as(what).isEqualTo(one.networks());
    assertThat(other.verdict()).as(what).isEqualTo(one.verdict());
  }

  private static void assertClose(String what, OptionalDouble other, OptionalDouble one) {
    assertThat(other.isPresent()).as(what).isEqualTo(one.isPresent());
    if (one.isPresent() && Double.isFinite(one.getAsDouble())) {
      assertThat(other.getAsDouble()).as(what).isCloseTo(one.getAsDouble(), within(1e-7));
    } else {
      assertThat(other).as(what).isEqualTo(one);
    }
  }

  @Property(tries = 3)
  void theOrderOfRunsChangesNothing(
      @ForAll @IntRange(max = 200) int number, @ForAll long shuffling) {
    Observations observations = new Study(number).observed();
    List<ObservedRun> shuffled = new ArrayList<>(observations.runs());
    Collections.shuffle(shuffled, new Random(shuffling));

    assertSame(
        judged(observations), judged(changed(observations, shuffled, UnaryOperator.identity())));
  }

  @Property(tries = 3)
  void theNamesOfRunsChangeNothing(@ForAll @IntRange(max = 200) int number) {
    Observations observations = new Study(number).observed();
    UnaryOperator<String> renamed =
        name ->
            name.equals("source") ? name : "x" + Integer.toHexString(name.hashCode()) + "/" + name;

    assertSame(judged(observations), judged(changed(observations, observations.runs(), renamed)));
  }

  /** Of which nothing says what they started from. */
  @Property(tries = 3)
  void runsOfNoRoleChangeNothing(@ForAll @IntRange(max = 200) int number) {
    Study study = new Study(number);
    Assessment without = judged(study.observed());
    study.add("strange/1", RunRole.unknown(), study.curve(3));
    study.add("strange/2", RunRole.unknown(), Map.of(5L, 1.0));

    assertSame(without, judged(study.observed()));
  }

  @Test
  void thePageMarkdownAndJsonSayTheSame(@TempDir Path folder) throws IOException {
    Assessment assessment = judged(new Study(1).observed());
    assessment.write(folder);
    JsonNode json = new ObjectMapper().readTree(folder.resolve("assess.json").toFile());
    String markdown = Files.readString(folder.resolve("assess.md"));
    String page = Files.readString(folder.resolve("assess.html"));

    List<String> summary = assessment.summary();
    for (int i = 0; i < assessment.findings().size(); i++) {
      Finding finding = assessment.findings().get(i);
      assertThat(markdown).contains("- " + escaped(summary.get(i)));
      assertThat(markdown).contains(escaped(assessment.verdict(i)));
      assertThat(page).contains(assessment.verdict(i));
      assertOfFinding(finding, ofClaim(json, finding.claim().key()), markdown, page);
    }
  }

  private static String escaped(String text) {
    return text.replace("<", "&lt;");
  }

  private static JsonNode ofClaim(JsonNode json, String key) {
    for (JsonNode node : json.findParents("claim")) {
      if (node.get("claim").asText().equals(key)) {
        return node;
      }
    }
    throw new AssertionError("no claim " + key);
  }

  private static void assertOfFinding(
      Finding finding, JsonNode json, String markdown, String page) {
    JsonNode figures = json.path("figures");

    assertThat(figures.size()).isEqualTo(finding.evidence().size());
    for (int e = 0; e < finding.evidence().size(); e++) {
      Evidence evidence = finding.evidence().get(e);
      JsonNode figure = figures.get(e);

      assertNumber(figure.get("value"), evidence.value().orElse(Double.NaN));
      assertNumber(figure.get("low"), evidence.interval().low());
      assertNumber(figure.get("high"), evidence.interval().high());
      assertNumber(figure.get("claimed_from"), evidence.from());
      assertNumber(figure.get("claimed_to"), evidence.to());
      assertThat(figure.get("networks").asInt()).isEqualTo(evidence.networks());
      assertThat(figure.get("verdict").asText()).isEqualTo(evidence.verdict().words());
      assertThat(markdown).contains(escaped(evidence.inWords()));
      assertThat(page).contains(escaped(evidence.inWords()));
    }
  }

  private static void assertNumber(JsonNode number, double expected) {
    if (Double.isFinite(expected)) {
      assertThat(number.doubleValue()).isEqualTo(expected);
    } else {
      assertThat(number.isNull()).isTrue();
    }
  }
}
