package org.palimpsest.io.internal.own;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.palimpsest.io.internal.own.Flow.Call;
import org.palimpsest.io.internal.own.Flow.Mode;
import org.palimpsest.io.internal.own.Flow.Value;

/** Looks for an order of calls, and for what each takes, by the numbers of channels. */
final class FlowSearch {

  private static final long MOST_WORK = 1_000_000;
  private static final int MOST_JOINED = 4;

  private static final int UNFIT = 1000;
  private static final int UNUSUAL = 10;
  private static final int MOST_VERSIONS = 8;

  private final boolean isNetwork;
  private long mostTries;
  private long tries;

  private FlowSearch(boolean isNetwork) {
    this.isNetwork = isNetwork;
  }

  /**
   * The likeliest flow: in the order of the names, or in another one, or with chains taken apart.
   */
  static Flow of(List<List<ModuleReading>> slots, boolean isNetwork) {
    Optional<Flow> best = Optional.empty();
    for (List<List<ModuleReading>> version : versions(withoutLists(slots))) {
      Flow flow = new FlowSearch(isNetwork).bestOf(version);
      if (best.isEmpty() || flow.cost() < best.get().cost()) {
        best = Optional.of(flow);
      }
      if (flow.cost() < UNUSUAL) {
        break;
      }
    }
    return best.orElseThrow();
  }

  /** As it is, with one chain of blocks taken apart, with all, with all of those within. */
  private static List<List<List<ModuleReading>>> versions(List<List<ModuleReading>> flat) {
    List<List<List<ModuleReading>>> versions = new ArrayList<>(List.of(flat));
    for (List<ModuleReading> slot : flat) {
      if (isChainOfBlocks(slot.get(0)) && versions.size() < MOST_VERSIONS) {
        versions.add(apart(flat, List.of(slot)));
      }
    }
    List<List<ModuleReading>> all = flat;
    List<List<ModuleReading>> chains = chainsOfBlocks(all);
    for (int depth = 0; depth < 3 && !chains.isEmpty(); depth++) {
      all = apart(all, chains);
      versions.add(all);
      chains = chainsOfBlocks(all);
    }
    return versions;
  }

  private static List<List<ModuleReading>> chainsOfBlocks(List<List<ModuleReading>> slots) {
    return slots.stream().filter(slot -> isChainOfBlocks(slot.get(0))).toList();
  }

  private Flow bestOf(List<List<ModuleReading>> slots) {
    Flow best = inOrder(slots);
    for (int most : new int[] {0, 1, UNFIT - 1}) {
      if (best.cost() >= UNUSUAL) {
        Optional<Flow> other = new FlowSearch(isNetwork).reordered(slots, most);
        best = other.filter(found -> found.cost() < UNFIT).filter(costsLessThan(best)).orElse(best);
      }
    }
    return best;
  }

  private static Predicate<Flow> costsLessThan(Flow flow) {
    return other -> other.cost() < flow.cost();
  }

  private static List<List<ModuleReading>> withoutLists(List<List<ModuleReading>> slots) {
    List<List<ModuleReading>> flat = new ArrayList<>();
    for (List<ModuleReading> slot : slots) {
      ModuleReading first = slot.get(0);
      if (first.kind() == ModuleReading.Kind.LIST || first.takes().size() > MOST_JOINED) {
        flat.addAll(withoutLists(first.slots()));
      } else {
        flat.add(slot);
      }
    }
    return flat;
  }

  private static boolean isChainOfBlocks(ModuleReading part) {
    List<ModuleReading> blocks = part.parts().stream().filter(inner -> !inner.isLeaf()).toList();
    return part.kind() == ModuleReading.Kind.CHAIN
        && (blocks.size() > 1 || blocks.size() == 1 && isChainOfBlocks(blocks.get(0)));
  }

  private static List<List<ModuleReading>> apart(
      List<List<ModuleReading>> slots, List<List<ModuleReading>> chains) {
    List<List<ModuleReading>> taken = new ArrayList<>();
    for (List<ModuleReading> slot : slots) {
      if (chains.contains(slot)) {
        List<List<ModuleReading>> inner = withoutLists(slot.get(0).slots());
        taken.addAll(
            inner.size() == 1 && isChainOfBlocks(inner.get(0).get(0))
                ? apart(inner, inner)
                : inner);
      } else {
        taken.add(slot);
      }
    }
    return taken;
  }

  /** What was called so far. */
  private record State(List<Value> given, List<Value> values, List<Call> calls, int cost) {

    Value last() {
      return calls.isEmpty() ? given.get(0) : calls.get(calls.size() - 1).result();
    }

    /** Earlier values, those that nothing took beside the next call first, the latest first. */
    List<Value> earlier() {
      Set<Value> taken = new HashSet<>();
      calls.forEach(
          call -> call.from().stream().filter(v -> !v.equals(call.before())).forEach(taken::add));
      List<Value> order = new ArrayList<>();
      List<Value> again = new ArrayList<>();
      for (int i = values.size() - 1; i >= 0; i--) {
        Value value = values.get(i);
        if (!value.equals(last())) {
          (taken.contains(value) ? again : order).add(value);
        }
      }
      order.addAll(again);
      return order;
    }

    State and(ModuleReading part, Mode mode, List<Value> from, List<Value> fromOutside) {
      int more = cost + costOf(mode, from);
      List<Value> outside = new ArrayList<>(given);
      outside.addAll(fromOutside);
      List<Value> all = new ArrayList<>(values);
      all.addAll(fromOutside);
      long channels = part.gives() > 0 ? part.gives() : last().channels();
      Value result = new Value(all.size(), channels, part.module().path());
      all.add(result);
      List<Call> called = new ArrayList<>(calls);
      called.add(new Call(part, mode, from, last(), result));
      return new State(outside, all, called, more);
    }

    private int costOf(Mode mode, List<Value> from) {
      return switch (mode) {
        case DIRECT -> 0;
        case ADDED -> from.get(0).equals(given.get(0)) ? 1 : 2 * UNUSUAL;
        case JOINED -> from.size() == 2 && !isTaken(from.get(0)) ? 0 : UNUSUAL * from.size();
        case BRANCH -> 4 * UNUSUAL;
        case UNFIT -> UNFIT;
      };
    }

    /** Whether a value was joined before, or is the input. */
    private boolean isTaken(Value value) {
      return value.index() == 0
          || calls.stream()
              .anyMatch(call -> call.from().contains(value) && !call.before().equals(value));
    }

    Value outside(long channels) {
      return new Value(
          values.size(), channels, List.of(given.size() == 1 ? "skip" : "skip" + given.size()));
    }
  }

  private static State start(List<ModuleReading> slot) {
    Value input = new Value(0, slot.get(0).takes().get(0), List.of("input"));
    return new State(List.of(input), List.of(input), List.of(), 0);
  }

  private Flow inOrder(List<List<ModuleReading>> slots) {
    State state = start(firstWithChannels(slots));
    for (List<ModuleReading> slot : slots) {
      state = next(state, slot);
    }
    return flow(state);
  }

  private static List<ModuleReading> firstWithChannels(List<List<ModuleReading>> slots) {
    return slots.stream()
        .filter(slot -> slot.get(0).takes().get(0) > 0)
        .findFirst()
        .orElse(slots.get(0));
  }

  private static Flow flow(State state) {
    return new Flow(state.given(), state.calls(), state.cost());
  }

  /** The first order in which everything fits, nearest to that of the names. */
  private Optional<Flow> reordered(List<List<ModuleReading>> slots, int most) {
    mostTries = MOST_WORK / slots.size() / slots.size();
    Map<String, List<List<ModuleReading>>> queues = new LinkedHashMap<>();
    for (List<ModuleReading> slot : slots) {
      List<String> path = slot.get(0).module().path();
      String queue = String.join(".", path.subList(0, Math.max(0, path.size() - 1)));
      boolean inList = slot.get(0).module().name().matches("\\d+");
      queues
          .computeIfAbsent(inList ? queue : slot.get(0).module().dotted(), q -> new ArrayList<>())
          .add(slot);
    }
    return reordered(Optional.empty(), queues, most).map(FlowSearch::flow);
  }

  private Optional<State> reordered(
      Optional<State> state, Map<String, List<List<ModuleReading>>> queues, int most) {
    if (queues.isEmpty()) {
      return state;
    }
    for (Map.Entry<String, List<List<ModuleReading>>> queue : queues.entrySet()) {
      if (++tries > mostTries) {
        return Optional.empty();
      }
      List<ModuleReading> slot = queue.getValue().get(0);
      State now = state.orElseGet(() -> start(slot));
      State next = next(now, slot);
      if (next.cost() - now.cost() <= most) {
        Optional<State> found = reordered(Optional.of(next), without(queue.getKey(), queues), most);
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  /** The queues without the first of one. */
  private static Map<String, List<List<ModuleReading>>> without(
      String name, Map<String, List<List<ModuleReading>>> queues) {
    Map<String, List<List<ModuleReading>>> rest = new LinkedHashMap<>(queues);
    List<List<ModuleReading>> all = Objects.requireNonNull(rest.remove(name));
    if (all.size() == 1) {
      return rest;
    }
    Map<String, List<List<ModuleReading>>> shorter = new LinkedHashMap<>(queues);
    shorter.put(name, all.subList(1, all.size()));
    return shorter;
  }

  /** Calls the reading that fits best. */
  private State next(State state, List<ModuleReading> slot) {
    Optional<State> best = Optional.empty();
    for (ModuleReading part : slot) {
      State next = next(state, part);
      if (best.isEmpty() || next.cost() < best.get().cost()) {
        best = Optional.of(next);
      }
    }
    return best.orElseThrow();
  }

  private State next(State state, ModuleReading part) {
    Value last = state.last();
    if (part.takes().size() > 1) {
      return severalTaken(state, part);
    }
    long takes = part.takes().get(0);
    if (takes == 0) {
      return state.and(part, Mode.DIRECT, List.of(last), List.of());
    }
    boolean beside = isBeside(state, part);
    if (takes == last.channels() && !beside) {
      return state.and(part, Mode.DIRECT, List.of(last), List.of());
    }
    if (beside) {
      return state.and(part, Mode.ADDED, List.of(state.given().get(0)), List.of());
    }
    Optional<ModuleReading> grouped = part.inGroups(last.channels());
    if (grouped.isPresent()) {
      return state.and(grouped.get(), Mode.DIRECT, List.of(last), List.of());
    }
    return joined(state, part)
        .or(() -> branch(state, part))
        .orElseGet(() -> state.and(part, Mode.UNFIT, List.of(last), List.of()));
  }

  /** Whether it runs beside what came before, from the block's input, as on a shortcut. */
  private boolean isBeside(State state, ModuleReading part) {
    Value input = state.given().get(0);
    Value last = state.last();
    boolean fits = part.takes().get(0) == input.channels() && part.gives() == last.channels();
    boolean enlarged =
        !state.calls().isEmpty() && state.calls().get(state.calls().size() - 1).part().enlarges();
    return !state.calls().isEmpty()
        && fits
        && !enlarged
        && (part.module().soundsBeside() || part.takes().get(0) != last.channels());
  }

  private Optional<State> joined(State state, ModuleReading part) {
    Value last = state.last();
    long missing = part.takes().get(0) - last.channels();
    if (missing <= 0) {
      return Optional.empty();
    }
    Optional<List<Value>> others = sum(missing, state.earlier(), 0, 1);
    if (others.isEmpty() && !isNetwork) {
      Value outside = state.outside(missing);
      return Optional.of(state.and(part, Mode.JOINED, List.of(outside, last), List.of(outside)));
    }
    return others
        .or(() -> sum(missing, state.earlier(), 0, MOST_JOINED))
        .map(
            values -> {
              List<Value> from = new ArrayList<>(values);
              from.add(last);
              return state.and(part, Mode.JOINED, from, List.of());
            });
  }

  /** Values whose channels add up. */
  private static Optional<List<Value>> sum(long channels, List<Value> of, int start, int most) {
    for (int i = start; i < of.size() && most > 0; i++) {
      Value value = of.get(i);
      if (value.channels() == channels) {
        return Optional.of(List.of(value));
      }
      if (value.channels() < channels && most > 1) {
        Optional<List<Value>> rest = sum(channels - value.channels(), of, i + 1, most - 1);
        if (rest.isPresent()) {
          List<Value> all = new ArrayList<>(List.of(value));
          all.addAll(rest.get());
          return Optional.of(all);
        }
      }
    }
    return Optional.empty();
  }

  private Optional<State> branch(State state, ModuleReading part) {
    return state.earlier().stream()
        .filter(value -> value.channels() == part.takes().get(0))
        .findFirst()
        .map(
            value -> {
              boolean added = part.gives() == state.last().channels();
              return state.and(part, added ? Mode.ADDED : Mode.BRANCH, List.of(value), List.of());
            });
  }

  /** A module that joins values inside: the first is what came before. */
  private State severalTaken(State state, ModuleReading part) {
    List<Value> from = new ArrayList<>();
    List<Value> outside = new ArrayList<>();
    State reached = state;
    boolean fits = part.takes().get(0) == state.last().channels();
    from.add(state.last());
    for (long channels : part.takes().subList(1, part.takes().size())) {
      Optional<Value> found =
          state.earlier().stream()
              .filter(value -> value.channels() == channels && !from.contains(value))
              .findFirst();
      if (found.isEmpty() && !isNetwork) {
        Value value = withOutside(reached, outside).outside(channels);
        outside.add(value);
        found = Optional.of(value);
      }
      fits &= found.isPresent();
      found.ifPresent(from::add);
    }
    return state.and(part, fits ? Mode.DIRECT : Mode.UNFIT, from, outside);
  }

  private static State withOutside(State state, List<Value> outside) {
    List<Value> given = new ArrayList<>(state.given());
    given.addAll(outside);
    List<Value> values = new ArrayList<>(state.values());
    values.addAll(outside);
    return new State(given, values, state.calls(), state.cost());
  }
}
