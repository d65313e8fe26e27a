package org.palimpsest.io.internal.nn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.palimpsest.io.internal.pytorch.PickledModule;

/**
 * Modules of a file that run what is in them one after the other, in the order in which the file
 * lists it. A description may run the same modules in another order, which their tensors would not
 * show, or without those before and behind them.
 *
 * @param modules of the file, by path
 * @param root what stands before the network's paths in the file, with its last dot
 */
record SavedSequences(Map<String, PickledModule> modules, String root) {

  /** Those that are known to be so; of others the file does not tell what they do. */
  private static final Set<String> CLASSES =
      Set.of(
          "torch.nn.modules.container.Sequential",
          "monai.networks.blocks.acti_norm.ADN",
          "monai.networks.blocks.convolutions.Convolution",
          "monai.networks.nets.basic_unet.TwoConv",
          "monai.networks.nets.basic_unet.Down");

  /**
   * How a module's order differs from that of the layers.
   *
   * @param module within the network
   * @param layers of the network in the order in which they run, without the root
   */
  Optional<String> contradiction(PickledModule module, List<String> layers) {
    if (!CLASSES.contains(module.type())) {
      return Optional.empty();
    }
    Map<String, Integer> places = new LinkedHashMap<>();
    for (PickledModule child : children(module.path())) {
      int place = child.path().equals(child.first()) ? place(child, layers) : -1;
      if (place >= 0) {
        places.put(name(child), place);
      }
    }
    List<String> described = new ArrayList<>(places.keySet());
    described.sort((a, b) -> places.get(a) - places.get(b));
    return described.equals(List.copyOf(places.keySet()))
        ? Optional.empty()
        : Optional.of(
            "runs %s, described as %s"
                .formatted(String.join(", ", places.keySet()), String.join(", ", described)));
  }

  /** What a module around the network runs beside it. */
  List<PickledModule> beside(PickledModule around) {
    boolean isAround =
        (around.path().isEmpty() && !root.isEmpty()) || root.startsWith(around.path() + ".");
    return isAround && CLASSES.contains(around.type())
        ? children(around.path()).stream()
            .filter(child -> !root.startsWith(child.path() + "."))
            .toList()
        : List.of();
  }

  private List<PickledModule> children(String path) {
    String begin = path.isEmpty() ? "" : path + ".";
    return modules.values().stream()
        .filter(one -> !one.path().isEmpty() && one.path().startsWith(begin))
        .filter(one -> one.path().indexOf('.', begin.length()) < 0)
        .toList();
  }

  private int place(PickledModule child, List<String> layers) {
    String path = child.path().substring(Math.min(root.length(), child.path().length()));
    for (int i = 0; i < layers.size(); i++) {
      if (layers.get(i).equals(path) || layers.get(i).startsWith(path + ".")) {
        return i;
      }
    }
    return -1;
  }

  private static String name(PickledModule module) {
    return module.path().substring(module.path().lastIndexOf('.') + 1);
  }
}
