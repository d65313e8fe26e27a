package org.palimpsest.io.internal.keras;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.io.internal.binary.Elements;
import org.palimpsest.io.internal.binary.StridedView;
import org.palimpsest.io.internal.graph.Storage;
import org.palimpsest.io.internal.graph.StoredTensor;

/**
 * The arrays of a network in one of the layouts of Keras, handed to the layers that they are of.
 */
final class WeightFile {

  private static final String LAYER_NAMES = "layer_names";
  private static final String KERAS_VERSION = "keras_version";
  private static final String WEIGHT_NAMES = "weight_names";
  private static final Pattern SEEDS = Pattern.compile("(.*/)?seed_generator/vars/\\d+");
  private static final int MOST_NAMED = 4;

  /** Names that tell what an array is; others, such as those of old operators, tell nothing. */
  private static final Set<String> TELLING =
      Set.of(
          "kernel",
          "bias",
          "gamma",
          "beta",
          "moving_mean",
          "moving_variance",
          "depthwise_kernel",
          "pointwise_kernel",
          "recurrent_kernel",
          "alpha",
          "embeddings",
          "mean",
          "variance",
          "count");

  /** Classes that are called otherwise in the configuration. */
  private static final Map<String, String> SAVED_AS =
      Map.of("Model", "Functional", "GroupQueryAttention", "GroupedQueryAttention");

  /** One array that a layer waits for. */
  private record Place(KerasLayer layer, Role role) {}

  /** What a layer or a network keeps, in the order of Keras: what is trained, and then the rest. */
  private record Kept(List<Place> trained, List<Place> rest) {

    List<Place> all() {
      List<Place> all = new ArrayList<>(trained);
      all.addAll(rest);
      return all;
    }
  }

  private final Hdf5Tree tree;
  private final String root;
  private final KnownLayers table;
  private final boolean isOfKeras3;
  private final Map<KerasLayer, Map<String, StoredTensor>> given = new IdentityHashMap<>();
  private final Set<String> used = new LinkedHashSet<>();

  private WeightFile(Hdf5Tree tree, String root, KnownLayers table) {
    this.tree = tree;
    this.root = root;
    this.table = table;
    this.isOfKeras3 =
        tree.text(root, KERAS_VERSION)
            .or(() -> tree.text("", KERAS_VERSION))
            .filter(version -> version.startsWith("3"))
            .isPresent();
  }

  /** Whether a group has the layout of Keras 1 and 2. */
  static boolean isLegacy(Hdf5Tree tree, String root) {
    return tree.hasAttribute(root, LAYER_NAMES) || tree.hasAttribute(root, LAYER_NAMES + "0");
  }

  /**
   * Hands out the arrays.
   *
   * @param root the group that holds them
   * @throws PalimpsestException if there are too few or too many, or their names tell otherwise
   */
  static Map<KerasLayer, Bound> bind(
      Hdf5Tree tree, String root, Architecture network, KnownLayers table) {
    WeightFile file = new WeightFile(tree, root, table);
    if (isLegacy(tree, root)) {
      file.bindLegacy(network);
    } else if (tree.hasGroup("layers")) {
      file.bindLayers(network, "", false);
    } else {
      file.bindLayers(network, "", true);
    }
    file.requireAllUsed();
    Map<KerasLayer, Bound> bound = new IdentityHashMap<>();
    file.given.forEach((layer, arrays) -> bound.put(layer, Bound.of(arrays)));
    return bound;
  }

  /** All arrays by their paths in the file, but those of the training, as Keras has them. */
  static Weights listed(KerasContainer container, Path file) {
    Hdf5Tree tree = container.weights();
    List<WeightTensor> tensors = new ArrayList<>();
    tree.arrays()
        .forEach(
            (path, array) -> {
              if (!isOfTraining(path) && array.elements() > 0) {
                tensors.add(
                    new WeightTensor(
                        path, values(array), array.type().displayName(), LayerKind.OTHER));
              }
            });
    if (tensors.isEmpty()) {
      throw new PalimpsestException(
          file
              + " holds no arrays of layers. If its network has none, give the JSON of model.to_json() as --architecture.");
    }
    List<String> notes = new ArrayList<>();
    notes.add(
        "weights of Keras without their network: names and axes are those of the file, and"
            + " Keras 3 names layers by their class and number alone. With the JSON of"
            + " model.to_json(), which weights, weights-compare, capture and compare take as"
            + " --architecture, they are told by layer, in PyTorch's order.");
    if (!tree.unread().isEmpty()) {
      notes.add("left out: " + some(tree.unread()));
    }
    return Weights.of(
        new Provenance(file.toString(), container.sha256(), notes), InputFiles.name(file), tensors);
  }

  private static INDArray values(StoredTensor array) {
    Storage storage = array.storage();
    long count = storage.bytes() / array.type().size();
    try (InputStream in = new BufferedInputStream(storage.open())) {
      INDArray numbers = Elements.read(in, array.type(), storage.order(), count, storage.name());
      return new StridedView(array.offset(), array.shape(), array.strides())
          .copyOf(numbers, storage.name());
    } catch (IOException failure) {
      throw new PalimpsestException(
          storage.name() + " cannot be read: " + InputFiles.reason(failure), failure);
    }
  }

  private Kept kept(KerasLayer layer) {
    return isOfKeras3 ? keptByKeras3(layer) : keptByKeras2(layer);
  }

  /** Which arrays are trained goes by the layers that have them; a frozen network has no order. */
  private Kept keptByKeras3(KerasLayer layer) {
    List<Place> all = inOrderOfLayers(layer);
    if (!layer.isInput() && !layer.isTrained()) {
      return new Kept(List.of(), all);
    }
    Map<Boolean, List<Place>> byTraining =
        all.stream()
            .collect(
                Collectors.partitioningBy(
                    place -> place.role().trained() && place.layer().isTrained()));
    return new Kept(
        byTraining.getOrDefault(true, List.of()), byTraining.getOrDefault(false, List.of()));
  }

  private List<Place> inOrderOfLayers(KerasLayer layer) {
    return layer
        .network()
        .map(
            inner -> inner.layers().stream().flatMap(one -> inOrderOfLayers(one).stream()).toList())
        .orElseGet(() -> keptByKeras2(layer).all());
  }

  private Kept keptByKeras2(KerasLayer layer) {
    List<Place> trained = new ArrayList<>();
    List<Place> rest = new ArrayList<>();
    if (layer.network().isPresent()) {
      for (KerasLayer inner : layer.network().get().layers()) {
        Kept within = keptByKeras2(inner);
        trained.addAll(within.trained());
        rest.addAll(within.rest());
      }
    } else {
      for (Role role : table.roles(layer)) {
        if (!role.isCopy()) {
          (role.trained() ? trained : rest).add(new Place(layer, role));
        }
      }
    }
    Kept kept = new Kept(trained, rest);
    boolean frozen = !layer.isInput() && !layer.isTrained();
    return frozen ? new Kept(List.of(), kept.all()) : kept;
  }

  private void bindLegacy(Architecture network) {
    List<KerasLayer> waiting = new ArrayList<>();
    for (KerasLayer layer : network.layers()) {
      if (!kept(layer).all().isEmpty()) {
        waiting.add(layer);
      }
    }
    Map<String, List<String>> stored = new LinkedHashMap<>();
    for (String name : tree.texts(root, LAYER_NAMES)) {
      String group = Hdf5Tree.joined(root, name);
      List<String> names = tree.texts(group, WEIGHT_NAMES);
      if (!names.isEmpty() && stored.put(name, names) != null) {
        throw new PalimpsestException(
            "%s lists layer '%s' twice in its %s.".formatted(tree.source(), name, LAYER_NAMES));
      }
    }
    List<String> groups = new ArrayList<>(stored.keySet());
    requireSameLayers(waiting, groups);
    for (int i = 0; i < groups.size(); i++) {
      bindGroup(waiting.get(i), groups.get(i), stored.getOrDefault(groups.get(i), List.of()));
    }
  }

  /** Keras goes by places, and takes other names for the same network. */
  private void requireSameLayers(List<KerasLayer> waiting, List<String> groups) {
    List<String> names = waiting.stream().map(KerasLayer::name).toList();
    if (names.size() != groups.size()) {
      List<String> missing = new ArrayList<>(names);
      missing.removeAll(groups);
      List<String> left = new ArrayList<>(groups);
      left.removeAll(names);
      throw new PalimpsestException(
          "%s has arrays of %s layers, the architecture has %s layers that keep some. In the file alone: %s; in the architecture alone: %s. Is it the file of this architecture?"
              .formatted(tree.source(), groups.size(), names.size(), some(left), some(missing)));
    }
    if (!names.equals(groups) && Set.copyOf(names).equals(Set.copyOf(groups))) {
      throw new PalimpsestException(
          "%s lists the layers of its arrays (%s) in another order than the architecture has them, and Keras goes by that order. Save the network again."
              .formatted(tree.source(), LAYER_NAMES));
    }
  }

  private static String some(List<String> names) {
    return names.isEmpty()
        ? "none"
        : String.join(", ", names.subList(0, Math.min(MOST_NAMED, names.size())))
            + (names.size() > MOST_NAMED ? " …" : "");
  }

  private void bindGroup(KerasLayer layer, String group, List<String> names) {
    List<Place> places = kept(layer).all();
    if (places.size() != names.size()) {
      throw new PalimpsestException(
          "%s has %s arrays for layer '%s' (%s), which keeps %s. Is it the file of this architecture?"
              .formatted(
                  tree.source(), names.size(), layer.name(), layer.className(), places.size()));
    }
    for (int i = 0; i < places.size(); i++) {
      String path = Hdf5Tree.joined(Hdf5Tree.joined(root, group), names.get(i));
      Place place = places.get(i);
      requireName(place, names.get(i));
      give(place, path);
    }
  }

  private void requireName(Place place, String stored) {
    String last = stored.substring(stored.lastIndexOf('/') + 1).replaceFirst(":\\d+$", "");
    String expected = place.role().plainName();
    boolean bothTell = TELLING.contains(last) && TELLING.contains(expected);
    boolean otherGate = last.matches(".*_[WUb]_[a-z]") && !isOfGate(last, expected);
    if (otherGate || bothTell && !last.equals(expected) && !isDepthwiseOfKeras3(place, last)) {
      throw new PalimpsestException(
          "%s has '%s' where layer '%s' (%s) keeps its %s; Keras goes by that order. Is it the file of this architecture?"
              .formatted(
                  tree.source(),
                  stored,
                  place.layer().name(),
                  place.layer().className(),
                  expected));
    }
  }

  /** Keras 1 has names such as {@code lstm_1_U_i} for what is called {@code recurrent_kernel_i}. */
  private static boolean isOfGate(String stored, String expected) {
    String kind = stored.substring(stored.length() - 4);
    return switch (kind.charAt(1)) {
      case 'W' -> expected.equals("kernel" + kind.substring(2));
      case 'U' -> expected.equals("recurrent_kernel" + kind.substring(2));
      default -> expected.equals("bias" + kind.substring(2));
    };
  }

  /**
   * Depthwise layers, though not separable ones, have called their kernel so since Keras 3.0, be
   * they by themselves or within another.
   */
  private boolean isDepthwiseOfKeras3(Place place, String stored) {
    String name = place.role().name();
    String separable = name.replaceFirst("depthwise_kernel$", "pointwise_kernel");
    return stored.equals("kernel")
        && place.role().plainName().equals("depthwise_kernel")
        && kept(place.layer()).all().stream()
            .noneMatch(other -> other.role().name().equals(separable));
  }

  private void give(Place place, String path) {
    StoredTensor array = tree.arrays().get(path);
    if (array == null) {
      throw new PalimpsestException(
          "%s has no readable array '%s' for the %s of layer '%s' (%s)%s."
              .formatted(
                  tree.source(),
                  path,
                  place.role().name(),
                  place.layer().name(),
                  place.layer().className(),
                  tree.unread().isEmpty() ? "" : "; not read: " + some(tree.unread())));
    }
    if (!used.add(path)) {
      throw new PalimpsestException(
          "%s names the array '%s' twice.".formatted(tree.source(), path));
    }
    given
        .computeIfAbsent(place.layer(), l -> new LinkedHashMap<>())
        .put(place.role().name(), array);
  }

  /**
   * Keras 3 counts the layers of each class in the order of the configuration.
   *
   * @param first whether it is the layout of Keras 2.12, which counts each layer with arrays twice
   */
  private void bindLayers(Architecture network, String path, boolean first) {
    String folder = Hdf5Tree.joined(path, first ? "_layer_checkpoint_dependencies" : "layers");
    Map<String, Integer> counts = new HashMap<>();
    for (KerasLayer layer : network.layers()) {
      if (layer.isOperator() && layer.module().contains(".ops")) {
        continue;
      }
      String name = snakeCase(layer);
      int count = counts.merge(name, 1, Integer::sum) - 1;
      String group = Hdf5Tree.joined(folder, count == 0 ? name : name + "_" + count);
      if (layer.network().isPresent()) {
        bindLayers(layer.network().get(), group, first);
      } else {
        bindVariables(layer, group);
      }
      if (first && !kept(layer).all().isEmpty()) {
        counts.merge(name, 1, Integer::sum);
      }
    }
  }

  private void bindVariables(KerasLayer layer, String group) {
    Map<String, Integer> counts = new HashMap<>();
    for (Role role : table.roles(layer)) {
      String owner = owner(group, role.place());
      int number = counts.merge(owner, 1, Integer::sum) - 1;
      give(new Place(layer, role), owner + "/vars/" + number);
    }
    for (Map.Entry<String, Integer> count : counts.entrySet()) {
      requireNoMore(layer, count.getKey(), count.getValue());
    }
  }

  /** Some versions keep the layers within another one by names that begin with a line. */
  private String owner(String group, String place) {
    String usual = place.isEmpty() ? group : group + "/" + place;
    String other = group + "/_" + place;
    return tree.hasGroup(usual) || !tree.hasGroup(other) ? usual : other;
  }

  private void requireNoMore(KerasLayer layer, String owner, int count) {
    if (tree.arrays().containsKey(owner + "/vars/" + count)) {
      throw new PalimpsestException(
          "%s has more arrays for layer '%s' (%s) than the %s that it keeps. Is it the file of this architecture?"
              .formatted(tree.source(), layer.name(), layer.className(), count));
    }
  }

  private static String snakeCase(KerasLayer layer) {
    String own = SAVED_AS.getOrDefault(layer.className(), layer.className());
    return own.substring(own.indexOf('>') + 1)
        .replaceAll("\\W+", "")
        .replaceAll("(.)([A-Z][a-z]+)", "$1_$2")
        .replaceAll("([a-z])([A-Z])", "$1_$2")
        .toLowerCase(Locale.ROOT);
  }

  private void requireAllUsed() {
    List<String> left = new ArrayList<>();
    for (String path : tree.arrays().keySet()) {
      boolean within = root.isEmpty() || path.startsWith(root + "/");
      if (within && !used.contains(path) && !isOfTraining(path)) {
        left.add(path);
      }
    }
    tree.unread().stream()
        .filter(path -> !isOfTraining(path))
        .filter(path -> root.isEmpty() || path.startsWith(root + "/"))
        .forEach(left::add);
    if (!left.isEmpty()) {
      throw new PalimpsestException(
          "%s holds %s arrays that no layer of the architecture takes: %s. Is it the file of this architecture?"
              .formatted(tree.source(), left.size(), some(left)));
    }
  }

  /** Optimisers, metrics and states of random numbers, which an untrained run does not touch. */
  private static boolean isOfTraining(String path) {
    return path.startsWith("optimizer/")
        || path.startsWith("optimizer_weights/")
        || path.startsWith("metrics/")
        || path.startsWith("_metrics/")
        || SEEDS.matcher(path).matches();
  }
}
