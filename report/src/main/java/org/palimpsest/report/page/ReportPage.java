package org.palimpsest.report.page;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.palimpsest.core.evolution.EvolutionTable;

/**
 * The page: its template, filled. Browsers are told to load nothing and to run these scripts alone.
 */
final class ReportPage {

  private static final String ECHARTS =
      "/META-INF/resources/webjars/echarts/5.3.1/dist/echarts.min.js";
  private static final List<String> SCRIPTS =
      List.of("data.js", "look.js", "charts.js", "controls.js", "page.js");

  private final EvolutionTable table;
  private final StudyFacts facts;
  private final List<ReportPicture> pictures;
  private final StudyIndex index;

  ReportPage(
      EvolutionTable table, StudyFacts facts, StudyIndex index, List<ReportPicture> pictures) {
    this.table = table;
    this.facts = facts;
    this.index = index;
    this.pictures = pictures;
  }

  String html() {
    String echarts = Template.resource(ECHARTS);
    String script = SCRIPTS.stream().map(Template::resource).collect(Collectors.joining("\n"));
    ReportTables tables = new ReportTables(table, facts, index);
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("title", Html.escaped(facts.title()));
    parts.put("scriptHashes", hash(echarts) + " " + hash(script));
    parts.put("style", Template.resource("report.css"));
    parts.put("facts", factsOfStudy());
    parts.put("measures", tables.measures());
    parts.put("overview", tables.overview());
    parts.put("groups", tables.groups());
    parts.put("finals", index.hasNoCurves() ? embedded(finals()) : "");
    parts.put("pictures", embedded(pictures));
    parts.put("failures", tables.failures());
    parts.put("provenance", provenance());
    parts.put("checkpoints", tables.checkpoints());
    parts.put("citation", tables.citation().map(Html::paragraph).orElse(""));
    parts.put("data", new ReportData(table, facts, index).json());
    parts.put("echarts", echarts);
    parts.put("script", script);
    return Template.load("report.html")
        .without(new EmptySections(table, index, pictures).names())
        .filled(parts);
  }

  private static String hash(String script) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java runtime has SHA-256", impossible);
    }
  }

  private String factsOfStudy() {
    List<Html.Fact> lines = new ArrayList<>();
    for (Group group : index.groups()) {
      String runs = group.runs().size() == 1 ? "1 run: " : group.runs().size() + " runs: ";
      lines.add(new Html.Fact("Group " + group.name(), runs + String.join(", ", group.runs())));
    }
    lines.add(new Html.Fact("Checkpoints", checkpoints()));
    lines.add(new Html.Fact("Probes", probes()));
    lines.add(new Html.Fact("Samples", table.samples()));
    index.aboutIntervals().ifPresent(made -> lines.add(new Html.Fact("Intervals", made)));
    lines.add(new Html.Fact("Measures", String.join(", ", index.measures())));
    lines.add(new Html.Fact("Figures", "%,d".formatted(table.rows().size())));
    return Html.facts(lines) + Html.list(facts.notes());
  }

  private String checkpoints() {
    int broken = table.broken().size();
    String all = String.valueOf(table.checkpoints().size());
    return broken == 0 ? all : all + ", " + broken + " of them without figures (see below)";
  }

  private String probes() {
    return Stream.of(facts.probes(), "fingerprint " + table.probes().abbreviated())
        .filter(text -> !text.isEmpty())
        .collect(Collectors.joining("; "));
  }

  private String provenance() {
    List<Html.Fact> lines = new ArrayList<>();
    lines.add(new Html.Fact("Palimpsest", table.version()));
    facts.versions().forEach((software, version) -> lines.add(new Html.Fact(software, version)));
    lines.add(new Html.Fact("Probes' fingerprint", table.probes().value()));
    lines.add(new Html.Fact("Samples", table.samples()));
    return Html.facts(lines);
  }

  /** Where there is nothing over training, the ends of runs are what there is to see. */
  private List<ReportPicture> finals() {
    MapPictures maps = new MapPictures(index, new PictureTexts(table, facts, index));
    List<ReportPicture> finals = new ArrayList<>();
    for (String measure : index.measures()) {
      maps.finals(index.measure(measure))
          .ifPresent(
              figure ->
                  finals.add(
                      new ReportPicture(
                          "finals",
                          "The last checkpoints of any two runs, layer by layer: " + measure,
                          figure)));
    }
    return finals;
  }

  private static String embedded(List<ReportPicture> some) {
    StringBuilder html = new StringBuilder();
    for (ReportPicture picture : some) {
      html.append("<figure><img alt=\"")
          .append(Html.escaped(picture.caption()))
          .append("\" width=\"")
          .append(picture.figure().width())
          .append("\" src=\"data:image/png;base64,")
          .append(Base64.getEncoder().encodeToString(picture.figure().smallPng()))
          .append("\">")
          .append(Html.element("figcaption", Html.escaped(picture.caption())))
          .append("</figure>\n");
    }
    return html.toString();
  }
}
