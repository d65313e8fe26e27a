package org.palimpsest.io.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.palimpsest.core.evolution.EvolutionTable;

/** The page: its template, filled. */
final class ReportPage {

  private final EvolutionTable table;
  private final StudyFacts facts;
  private final StudyIndex index;

  ReportPage(EvolutionTable table, StudyFacts facts) {
    this.table = table;
    this.facts = facts;
    this.index = new StudyIndex(table);
  }

  String html() {
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("title", Html.escaped(facts.title()));
    parts.put("style", Template.resource("report.css"));
    parts.put("facts", factsOfStudy());
    parts.put("measures", Html.table(List.of("measure", "reading", "range"), measures()));
    return Template.load("report.html").filled(parts);
  }

  private String factsOfStudy() {
    List<Html.Fact> lines = new ArrayList<>();
    for (Group group : index.groups()) {
      lines.add(new Html.Fact("runs of " + group.name(), String.join(", ", group.runs())));
    }
    lines.add(new Html.Fact("probes", facts.probes() + " " + table.probes().abbreviated()));
    lines.add(new Html.Fact("samples", table.samples()));
    lines.add(new Html.Fact("figures", String.valueOf(table.rows().size())));
    lines.add(new Html.Fact("Palimpsest", table.version()));
    facts.versions().forEach((name, version) -> lines.add(new Html.Fact(name, version)));
    return Html.facts(lines);
  }

  private List<List<String>> measures() {
    return index.measures().stream()
        .map(facts::measure)
        .map(m -> List.of(m.name(), m.reading(), m.range().toString()))
        .toList();
  }
}
