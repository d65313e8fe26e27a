package org.palimpsest.io.internal.own;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One reading of a module: what it may be, by the names and shapes of its tensors.
 *
 * @param takes the channels of the images that it is called with, in order
 * @param gives the channels of what it gives; those it takes if no tensor shows them
 * @param groups of a convolution
 * @param sure whether its shape leaves no other reading
 * @param parts that run one after the other, of a chain
 * @param slots the readings of each module within
 * @param flow of what is no chain
 */
record ModuleReading(
    NamedModule module,
    Kind kind,
    List<Long> takes,
    long gives,
    long groups,
    boolean sure,
    List<ModuleReading> parts,
    List<List<ModuleReading>> slots,
    Optional<Flow> flow) {

  private static final int MOST_READINGS = 4;
  private static final int MOST_GAPS = 4;
  private static final int LONGEST_CHAIN = 500;

  enum Kind {
    CONVOLUTION,
    TRANSPOSED,
    BATCH_NORM,
    NORM,
    PRELU,
    /** A module without tensors. */
    GAP,
    /** Tensors for which descriptions have nothing. */
    OTHER,
    CHAIN,
    /** A module in which images are joined or branch off. */
    COMPOSITE,
    /** Modules that nothing shows to follow each other. */
    LIST
  }

  /** The readings of a module, the likeliest first. */
  static List<ModuleReading> readings(NamedModule module, int axes) {
    if (module.children().isEmpty()) {
      return leaf(module, axes);
    }
    List<List<ModuleReading>> slots = slots(module, axes);
    List<ModuleReading> chains = chains(module, slots);
    if (!chains.isEmpty()) {
      return chains;
    }
    if (module.isNumbered()) {
      return List.of(of(module, Kind.LIST, 0, 0).with(List.of(), slots));
    }
    Flow flow = FlowSearch.of(slots, false);
    return List.of(
        new ModuleReading(
            module,
            Kind.COMPOSITE,
            flow.takes(),
            flow.gives(),
            1,
            true,
            List.of(),
            slots,
            Optional.of(flow)));
  }

  /** The readings of each module within one, with those that have no tensors. */
  static List<List<ModuleReading>> slots(NamedModule module, int axes) {
    List<List<ModuleReading>> slots = new ArrayList<>();
    int next = 0;
    for (NamedModule child : module.children()) {
      if (module.isNumbered()) {
        int number = Integer.parseInt(child.name());
        if (number - next <= MOST_GAPS) {
          for (; next < number; next++) {
            slots.add(List.of(gap(module.without(next))));
          }
        }
        next = number + 1;
      }
      slots.add(readings(child, axes));
    }
    return own(module).map(part -> plus(slots, List.of(part))).orElse(slots);
  }

  /** Tensors that a module has beside the modules within it. */
  private static Optional<ModuleReading> own(NamedModule module) {
    return module.tensors().isEmpty() || module.children().isEmpty()
        ? Optional.empty()
        : Optional.of(of(module, Kind.OTHER, 0, 0));
  }

  private static <T> List<T> plus(List<T> some, T more) {
    List<T> all = new ArrayList<>(some);
    all.add(more);
    return all;
  }

  private static ModuleReading of(NamedModule module, Kind kind, long takes, long gives) {
    return new ModuleReading(
        module, kind, List.of(takes), gives, 1, true, List.of(), List.of(), Optional.empty());
  }

  static ModuleReading gap(NamedModule module) {
    return of(module, Kind.GAP, 0, 0);
  }

  private ModuleReading with(List<ModuleReading> inner, List<List<ModuleReading>> all) {
    return new ModuleReading(module, kind, takes, gives, groups, sure, inner, all, flow);
  }

  private ModuleReading with(long groupsOfIt, long taken) {
    return new ModuleReading(
        module, kind, List.of(taken), gives, groupsOfIt, sure, parts, slots, flow);
  }

  private ModuleReading unsure() {
    return new ModuleReading(module, kind, takes, gives, groups, false, parts, slots, flow);
  }

  private static List<ModuleReading> leaf(NamedModule module, int axes) {
    List<Long> weight = module.shape("weight").orElse(List.of());
    Optional<List<Long>> mean = module.shape("running_mean");
    if (mean.isPresent() && mean.get().size() == 1) {
      return List.of(of(module, Kind.BATCH_NORM, mean.get().get(0), mean.get().get(0)));
    }
    if (weight.size() == 1) {
      Kind kind = module.shape("bias").isPresent() ? Kind.NORM : Kind.PRELU;
      boolean shared = kind == Kind.PRELU && weight.get(0) == 1;
      return List.of(of(module, kind, shared ? 0 : weight.get(0), shared ? 0 : weight.get(0)));
    }
    if (weight.size() == axes + 2) {
      List<ModuleReading> kernels = kernels(module, weight);
      return kernels.isEmpty() ? List.of(of(module, Kind.OTHER, 0, 0)) : kernels;
    }
    return List.of(of(module, Kind.OTHER, 0, 0));
  }

  private static List<ModuleReading> kernels(NamedModule module, List<Long> weight) {
    long first = weight.get(0);
    long second = weight.get(1);
    long bias = module.shape("bias").map(shape -> shape.get(0)).orElse(-1L);
    List<ModuleReading> readings = new ArrayList<>();
    if (bias < 0 || bias == first) {
      readings.add(of(module, Kind.CONVOLUTION, second, first));
    }
    if (bias < 0 || bias == second) {
      readings.add(of(module, Kind.TRANSPOSED, first, second));
    }
    if (weight.subList(2, weight.size()).stream().anyMatch(extent -> extent % 2 == 0)) {
      Collections.reverse(readings);
    }
    if (readings.size() > 1) {
      readings.replaceAll(ModuleReading::unsure);
    }
    return first == second && readings.size() > 1 ? readings.subList(0, 1) : readings;
  }

  private static List<ModuleReading> chains(NamedModule module, List<List<ModuleReading>> slots) {
    if (slots.size() > LONGEST_CHAIN) {
      return List.of();
    }
    List<List<ModuleReading>> found = new ArrayList<>();
    extend(slots, List.of(), new HashSet<>(), found);
    Map<List<Long>, ModuleReading> readings = new LinkedHashMap<>();
    for (List<ModuleReading> chain : found) {
      long taken =
          chain.stream().map(p -> p.takes.get(0)).filter(c -> c > 0).findFirst().orElse(0L);
      long given = givenBy(chain);
      readings.putIfAbsent(
          List.of(taken, given), of(module, Kind.CHAIN, taken, given).with(chain, slots));
    }
    return List.copyOf(readings.values());
  }

  private static long givenBy(List<ModuleReading> chain) {
    long given = 0;
    for (ModuleReading part : chain) {
      given = part.gives > 0 ? part.gives : given;
    }
    return given;
  }

  /**
   * @param dead how far chains came, and the channels that they then gave, which led nowhere
   */
  private static void extend(
      List<List<ModuleReading>> slots,
      List<ModuleReading> chain,
      Set<List<Long>> dead,
      List<List<ModuleReading>> found) {
    if (chain.size() == slots.size()) {
      found.add(chain);
      return;
    }
    long channels = givenBy(chain);
    List<Long> here = List.of((long) chain.size(), channels);
    int before = found.size();
    for (ModuleReading reading : slots.get(chain.size())) {
      if (found.size() < MOST_READINGS && !dead.contains(here)) {
        reading.after(channels).ifPresent(part -> extend(slots, plus(chain, part), dead, found));
      }
    }
    if (found.size() == before) {
      dead.add(here);
    }
  }

  /** This part where it follows one that gives so many channels, 0 if that is not known. */
  private Optional<ModuleReading> after(long channels) {
    if (kind == Kind.LIST || kind == Kind.OTHER || takes.size() > 1) {
      return Optional.empty();
    }
    if (channels == 0 || takes.get(0) == 0 || takes.get(0) == channels) {
      return Optional.of(this);
    }
    return inGroups(channels);
  }

  /** A convolution in as many groups as it takes to fit, if it keeps the number of channels. */
  Optional<ModuleReading> inGroups(long channels) {
    boolean fits =
        kind == Kind.CONVOLUTION
            && gives == channels
            && channels % takes.get(0) == 0
            && !module.soundsBeside()
            && kernel().stream().anyMatch(extent -> extent > 1);
    return fits ? Optional.of(with(channels / takes.get(0), channels)) : Optional.empty();
  }

  /** The extents of a convolution's kernel. */
  List<Long> kernel() {
    List<Long> weight = module.shape("weight").orElseThrow();
    return weight.subList(2, weight.size());
  }

  boolean isKernel() {
    return kind == Kind.CONVOLUTION || kind == Kind.TRANSPOSED;
  }

  boolean isNorm() {
    return kind == Kind.BATCH_NORM || kind == Kind.NORM;
  }

  boolean isLeaf() {
    return kind != Kind.CHAIN && kind != Kind.COMPOSITE && kind != Kind.LIST;
  }

  /** Whether images may get larger in it. */
  boolean enlarges() {
    return kind == Kind.TRANSPOSED
        || beginsWithGap() && module.soundsLarger()
        || parts.stream().anyMatch(part -> !part.isLeaf() && part.enlarges())
        || parts.stream().anyMatch(part -> part.kind == Kind.TRANSPOSED)
        || flow.stream().anyMatch(f -> f.calls().stream().anyMatch(c -> c.part().enlarges()));
  }

  /** Whether it begins with a module without tensors, such as pooling. */
  boolean beginsWithGap() {
    return kind == Kind.GAP || !parts.isEmpty() && parts.get(0).beginsWithGap();
  }
}
