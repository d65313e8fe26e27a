package org.palimpsest.io.internal.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.palimpsest.core.PalimpsestException;

/**
 * What a bundle's evaluator does that changes what its network sees or computes: it may cut images
 * into windows, compute in half precision, or change the input by Python. Here the network is shown
 * each probe whole, in the precision of its weights.
 */
final class BundleEvaluation {

  private static final int DEEPEST = 100;
  private static final int MOST_SHOWN = 160;
  private static final String MARK = "::";
  private static final Pattern REFERENCE = Pattern.compile("\\$?\\s*@([\\w:#]+)\\s*");
  private static final List<List<String>> EVALUATORS =
      List.of(List.of("evaluator"), List.of("validate", "evaluator"));

  /** Settings of MONAI's evaluators that change the network's input or how it computes. */
  private static final List<String> OF_INPUT =
      List.of("prepare_batch", "iteration_update", "to_kwargs");

  private final BundleConfiguration configuration;
  private final List<String> notes = new ArrayList<>();

  private BundleEvaluation(BundleConfiguration configuration) {
    this.configuration = configuration;
  }

  /** A sentence for each thing that is done otherwise here; none if there is no evaluator. */
  static List<String> notes(BundleConfiguration configuration) {
    BundleEvaluation evaluation = new BundleEvaluation(configuration);
    boolean any = false;
    for (List<String> place : EVALUATORS) {
      JsonNode evaluator = evaluation.followed(evaluation.entry(place), 0);
      if (evaluator.isObject()) {
        evaluation.addNotes(String.join(MARK, place), evaluator);
        any = true;
      }
    }
    if (!any) {
      evaluation.inferer("inferer", evaluation.followed(evaluation.entry(List.of("inferer")), 0));
    }
    return evaluation.notes.stream().distinct().toList();
  }

  private void addNotes(String place, JsonNode evaluator) {
    inferer(place + MARK + "inferer", followed(evaluator.path("inferer"), 0));
    JsonNode amp = followed(evaluator.path("amp"), 0);
    if (isGiven(amp) && !amp.asText().matches("(?i)\\$?\\s*false|0")) {
      notes.add(
          "'%s' is %s, so that the bundle computes in mixed precision where its device can; here it computes in that of its weights"
              .formatted(place + MARK + "amp", shown(amp)));
    }
    JsonNode mode = followed(evaluator.path("mode"), 0);
    if (isGiven(mode) && !mode.asText().toLowerCase(Locale.ROOT).contains("eval")) {
      notes.add(
          "'%s' is %s; here the network runs in evaluation mode"
              .formatted(place + MARK + "mode", shown(mode)));
    }
    for (String setting : OF_INPUT) {
      JsonNode given = followed(evaluator.path(setting), 0);
      if (isGiven(given)) {
        notes.add(
            "'%s' is %s; what it makes of the network's input is not done here"
                .formatted(place + MARK + setting, shown(given)));
      }
    }
  }

  private void inferer(String place, JsonNode inferer) {
    String target = inferer.path("_target_").asText("");
    if (isGiven(inferer) && !target.matches("(monai\\.inferers\\.([a-z_]+\\.)?)?SimpleInferer")) {
      notes.add(
          "'%s' is %s, by which the bundle has its network see images; here it is shown each probe whole, which gives other activations wherever they depend on what lies around"
              .formatted(place, shown(inferer)));
    }
  }

  private static boolean isGiven(JsonNode node) {
    return !node.isMissingNode() && !node.isNull();
  }

  /** What cannot be made is no matter for the network, whose own reader tells of it. */
  private JsonNode entry(List<String> place) {
    try {
      return configuration.entry(place);
    } catch (PalimpsestException broken) {
      return MissingNode.getInstance();
    }
  }

  private JsonNode followed(JsonNode node, int depth) {
    Matcher reference = REFERENCE.matcher(node.isTextual() ? node.textValue() : "");
    if (depth >= DEEPEST || !reference.matches()) {
      return node;
    }
    List<String> place = List.of(reference.group(1).replace("#", MARK).split(MARK));
    JsonNode found = entry(place);
    return found.isMissingNode() ? node : followed(found, depth + 1);
  }

  private static String shown(JsonNode node) {
    String target = node.path("_target_").asText("");
    if (target.isEmpty()) {
      return shortened(node.toString());
    }
    ObjectNode others = node.deepCopy();
    others.remove(List.of("_target_", "_desc_", "_requires_"));
    String settings =
        others.properties().stream()
            .map(setting -> setting.getKey() + " " + setting.getValue())
            .collect(Collectors.joining(", "));
    String name = target.substring(target.lastIndexOf('.') + 1);
    return shortened(settings.isEmpty() ? name : "%s (%s)".formatted(name, settings));
  }

  private static String shortened(String text) {
    return text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + " …";
  }
}
