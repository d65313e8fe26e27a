package org.palimpsest.claims;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.palimpsest.internal.file.StrictJson;
import org.palimpsest.similarity.statistics.Judgement;

/** An assessment for programs. Ends that are open are null. */
final class AssessmentJson {

  private final Assessment assessment;

  AssessmentJson(Assessment assessment) {
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
      texts(claim.putArray("would_tell"), finding.wouldTell());
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

  private static void grid(ObjectNode json, Grid grid) {
    json.put("caption", grid.caption());
    texts(json.putArray("header"), grid.header());
    grid.rows().forEach(row -> texts(json.withArray("rows").addArray(), row));
  }

  private static void texts(ArrayNode array, List<String> texts) {
    texts.forEach(array::add);
  }
}
