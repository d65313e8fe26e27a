package org.palimpsest.io.internal.pytorch;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.palimpsest.io.network.LayerOutline;

/**
 * A module in a file.
 *
 * @param path its path below the network, empty for the network itself
 * @param type its class, as the file names it
 * @param parameters how many numbers are trained in it and below it; those that are used twice
 *     count once
 * @param owner the path of the module before it that has the same parameters, if there is one: it
 *     is the same module under another name, or shares its weights
 */
public record SavedModule(String path, String type, long parameters, Optional<String> owner) {

  /** Its class without the package. */
  public String plainType() {
    return type.substring(type.lastIndexOf('.') + 1);
  }

  /** For people. */
  public LayerOutline outline() {
    return outline("(network)", List.of());
  }

  /**
   * For people.
   *
   * @param network what to call the network itself
   * @param more what else is known of it
   */
  public LayerOutline outline(String network, List<String> more) {
    List<String> remarks = new ArrayList<>();
    owner.ifPresent(other -> remarks.add("its parameters are those of " + other));
    remarks.addAll(more);
    return new LayerOutline(
        path.isEmpty() ? network : path, plainType(), OptionalLong.of(parameters), remarks);
  }
}
