package org.palimpsest.io.internal.pt2;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;

/**
 * Reads the {@code nn_module_stack} of nodes: the modules that a node is in, the outermost first.
 *
 * <p>It is one text, {@code key,path,class;key,path,class}. A path is written as it is, separators
 * and all, or as the Python expression that leads to the module: {@code
 * getattr(L['self'].enc1.block, '0')}.
 */
final class ModuleStacks {

  /** One entry of a stack. */
  record Entry(String key, String path) {}

  private static final Pattern OLD_ENTRY = Pattern.compile("(.*?):\\((.*)\\)", Pattern.DOTALL);
  private static final Pattern PLAIN = Pattern.compile("[\\w.@<>]*+");
  private static final Pattern NUMBER_OF_CALL = Pattern.compile("@\\d++$");
  private static final Pattern NUMBER = Pattern.compile("\\d++");
  private static final Pattern NO_LETTER = Pattern.compile("[^\\p{L}\\p{N}]");

  /** What stands for the network: the first parameter of its forward, which need not be self. */
  private static final Pattern NETWORK = Pattern.compile("L__\\w+?__");

  /** What PyTorch 2.15 writes of sizes that it looks up between the modules. */
  private static final String NO_MODULE = "_empty_nn_module_stack_from_metadata_hook";

  private static final int LONGEST = 1 << 20;
  private static final int DEEPEST = 1000;

  private final String file;
  private final Map<String, List<Entry>> known = new HashMap<>();

  ModuleStacks(String file) {
    this.file = file;
  }

  /** The innermost module of a stack, if there is one. */
  Optional<Entry> innermost(String stack) {
    List<Entry> entries = entries(stack);
    return entries.isEmpty() ? Optional.empty() : Optional.of(entries.get(entries.size() - 1));
  }

  /**
   * The entries below the network itself; a module within itself (a parametrised one) counts once.
   *
   * @throws PalimpsestException if it cannot be told which modules are meant
   */
  List<Entry> entries(String stack) {
    return known.computeIfAbsent(stack, this::read);
  }

  private List<Entry> read(String stack) {
    if (stack.isEmpty() || stack.startsWith(NO_MODULE)) {
      return List.of();
    }
    if (stack.length() > LONGEST) {
      throw unclear(stack);
    }
    List<Entry> all = ModulePath.isExpression(stack) ? expressions(stack) : plain(stack);
    Map<String, Entry> below = new LinkedHashMap<>();
    for (Entry entry : all) {
      if (!entry.path().isEmpty()) {
        below.putIfAbsent(entry.path(), entry);
      }
    }
    if (below.size() > DEEPEST) {
      throw unclear(stack);
    }
    return List.copyOf(below.values());
  }

  private PalimpsestException unclear(String stack) {
    return new PalimpsestException(
        "%s does not tell clearly in which module one of its operators runs: %s. Rename modules that have commas, semicolons or brackets in their names, and export the network again."
            .formatted(file, Union.shown(stack)));
  }

  private List<Entry> expressions(String stack) {
    List<Entry> entries = new ArrayList<>();
    for (String part : ModulePath.split(stack, ';')) {
      Matcher old = OLD_ENTRY.matcher(part);
      List<String> fields = new ArrayList<>();
      if (old.matches()) {
        fields.add(old.group(1));
        fields.addAll(ModulePath.split(old.group(2), ','));
      } else {
        fields.addAll(ModulePath.split(part, ','));
      }
      if (fields.size() != 3) {
        throw unclear(stack);
      }
      String path = ModulePath.of(fields.get(1).strip()).orElseThrow(() -> unclear(stack));
      entries.add(new Entry(fields.get(0), path));
    }
    return entries;
  }

  /** A part between semicolons that is no entry goes on after the next one. */
  private List<Entry> plain(String stack) {
    List<Entry> entries = new ArrayList<>();
    String begun = "";
    for (String part : stack.split(";", -1)) {
      String whole = begun.isEmpty() ? part : begun + ";" + part;
      Optional<Entry> entry = entry(whole);
      entry.ifPresent(entries::add);
      begun = entry.isPresent() ? "" : whole;
    }
    if (!begun.isEmpty()) {
      throw unclear(stack);
    }
    return entries;
  }

  /** Key and path say the same in two ways, so that a comma within them can be told. */
  private static Optional<Entry> entry(String text) {
    String[] fields = text.split(",", -1);
    if (fields.length == 3
        && fields[2].indexOf('.') > 0
        && PLAIN.matcher(fields[0] + fields[1] + fields[2]).matches()) {
      return Optional.of(new Entry(fields[0], fields[1]));
    }
    int last = text.lastIndexOf(',');
    for (int comma = text.indexOf(','); comma >= 0 && comma < last; ) {
      String key = text.substring(0, comma);
      String path = text.substring(comma + 1, last);
      if (agree(key, path)) {
        return Optional.of(new Entry(key, path));
      }
      comma = text.indexOf(',', comma + 1);
    }
    return Optional.empty();
  }

  private static boolean agree(String key, String path) {
    String place = NUMBER_OF_CALL.matcher(key).replaceFirst("");
    if (NUMBER.matcher(place).matches()) {
      return true;
    }
    Matcher network = NETWORK.matcher(place);
    return network.lookingAt() && letters(place.substring(network.end())).equals(letters(path));
  }

  private static String letters(String text) {
    String letters = NO_LETTER.matcher(text).replaceAll("_");
    return letters.startsWith("_") ? letters.substring(1) : letters;
  }
}
