package org.palimpsest.core.internal.engine;

import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.representation.LayerMatrices;

/**
 * Names the network of which a layer failed: what fails knows the layer, and both networks have one
 * of that name.
 */
public final class FailureOf {

  private FailureOf() {}

  /** The failure with the network in front, if it names the layer and not the network. */
  public static PalimpsestException network(
      LayerMatrices matrices, String layer, PalimpsestException failure) {
    return network(matrices.name(), matrices.provenance(), layer, failure);
  }

  /** As the other, of a network that is called this and came from there. */
  public static PalimpsestException network(
      String name, Provenance provenance, String layer, PalimpsestException failure) {
    String message = String.valueOf(failure.getMessage());
    String origin = provenance.origin();
    String file = origin.substring(1 + Math.max(origin.lastIndexOf('/'), origin.lastIndexOf('\\')));
    boolean ofLayer = message.contains("'" + layer + "'");
    if (!ofLayer || names(message, name) || names(message, file)) {
      return failure;
    }
    // where activations were captured before, they came from another file than the values
    return new PalimpsestException(
        (file.startsWith(name) ? origin : name) + ": " + message, failure);
  }

  private static boolean names(String message, String network) {
    return Pattern.compile("(?<![\\w'])" + Pattern.quote(network) + "(?![\\w'])")
        .matcher(message)
        .find();
  }
}
