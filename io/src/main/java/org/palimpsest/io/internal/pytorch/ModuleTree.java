package org.palimpsest.io.internal.pytorch;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.binary.Shapes;
import org.palimpsest.io.internal.binary.ZipArchive;
import org.palimpsest.io.internal.pickle.Opaque;
import org.palimpsest.io.internal.pickle.PyDict;

/** The modules in a file of PyTorch's, without their code: nothing is run, no tensor is read. */
public final class ModuleTree {

  private static final int MAX_DEPTH = 200;
  private static final int MAX_MODULES = 100_000;
  private static final long MAX_TENSORS = 10_000_000;

  private final Path file;
  private final ModuleForm form;
  private final List<SavedModule> modules = new ArrayList<>();
  private final Map<Map<String, TensorRef>, String> owners = new HashMap<>();
  private long tensorsSeen;

  private ModuleTree(Path file, ModuleForm form) {
    this.file = file;
    this.form = form;
  }

  /**
   * The modules of a network that was pickled whole, each before those in it.
   *
   * @return empty if the file holds something else than a network
   * @throws PalimpsestException if the file is damaged or names what could do harm
   */
  public static List<SavedModule> ofPickled(Path file) {
    return read(file, ModuleForm.ofPython());
  }

  /**
   * The modules of a TorchScript archive, each before those in it.
   *
   * @throws PalimpsestException if the file is damaged or names what could do harm
   */
  public static List<SavedModule> ofScripted(Path file, ScriptedClasses classes) {
    return read(file, ModuleForm.ofScript(classes));
  }

  private static List<SavedModule> read(Path file, ModuleForm form) {
    Object saved = ZipArchive.with(file, zip -> ZipContent.open(zip).saved());
    ModuleTree tree = new ModuleTree(file, form);
    if (saved instanceof Opaque network) {
      tree.visit("", network, 0);
    }
    return List.copyOf(tree.modules);
  }

  /** Gives all that is trained in a module and below it. */
  private Set<TensorRef> visit(String path, Opaque module, int depth) {
    int place = modules.size();
    Map<String, TensorRef> own = form.parameters(module);
    modules.add(line(path, module, Set.of(), Optional.empty()));
    requireBounded(depth, own.size());
    Optional<String> owner =
        own.isEmpty() ? Optional.empty() : Optional.ofNullable(owners.putIfAbsent(own, path));
    Set<TensorRef> trained = new HashSet<>(own.values());
    form.submodules(module)
        .forEach(
            (name, below) -> {
              Set<TensorRef> more =
                  visit(NamedTensors.joined(path, name, file.toString()), below, depth + 1);
              requireBounded(depth, more.size());
              trained.addAll(more);
            });
    modules.set(place, line(path, module, trained, owner));
    return trained;
  }

  /** A module may be met along many paths, in a harmful file along very many. */
  private void requireBounded(int depth, int tensors) {
    tensorsSeen += tensors;
    if (depth > MAX_DEPTH || modules.size() > MAX_MODULES || tensorsSeen > MAX_TENSORS) {
      throw new PalimpsestException(
          file + " nests its modules deeper or more often than a network does: it is damaged.");
    }
  }

  private SavedModule line(
      String path, Opaque module, Set<TensorRef> trained, Optional<String> owner) {
    long parameters = trained.stream().mapToLong(this::elements).reduce(0, ModuleTree::sumOrMost);
    return new SavedModule(path, module.type(), parameters, owner);
  }

  private long elements(TensorRef tensor) {
    return Shapes.elements(tensor.shape(), file.toString());
  }

  /** Lying shapes shall not turn into a negative number. */
  private static long sumOrMost(long one, long other) {
    return one > Long.MAX_VALUE - other ? Long.MAX_VALUE : one + other;
  }

  /** Where a module's pickled state keeps what is in it. */
  private interface ModuleForm {

    /** The modules right below a module, by name. */
    Map<String, Opaque> submodules(Opaque module);

    /** The tensors of a module that are trained, by name. */
    Map<String, TensorRef> parameters(Opaque module);

    /** Modules of Python, which keep them in dictionaries. */
    static ModuleForm ofPython() {
      return new ModuleForm() {
        @Override
        public Map<String, Opaque> submodules(Opaque module) {
          return entries(state(module).get("_modules"), Opaque.class);
        }

        @Override
        public Map<String, TensorRef> parameters(Opaque module) {
          return entries(state(module).get("_parameters"), TensorRef.class);
        }
      };
    }

    /**
     * Modules of TorchScript, which keep all in one.
     *
     * @param classes what is known of their classes
     */
    static ModuleForm ofScript(ScriptedClasses classes) {
      return new ModuleForm() {
        @Override
        public Map<String, Opaque> submodules(Opaque module) {
          return only(
              entries(state(module), Opaque.class),
              (name, below) -> classes.isModule(below.type()));
        }

        @Override
        public Map<String, TensorRef> parameters(Opaque module) {
          return only(
              entries(state(module), TensorRef.class),
              (name, tensor) -> classes.isParameter(module.type(), name));
        }
      };
    }

    private static PyDict state(Opaque module) {
      return module.state() instanceof PyDict state ? state : new PyDict();
    }

    private static <T> Map<String, T> entries(Object dictionary, Class<T> type) {
      Map<String, T> found = new LinkedHashMap<>();
      if (dictionary instanceof PyDict dict) {
        dict.named()
            .forEach(
                (name, value) -> {
                  if (type.isInstance(value)) {
                    found.put(name, type.cast(value));
                  }
                });
      }
      return found;
    }

    private static <T> Map<String, T> only(
        Map<String, T> entries, BiPredicate<String, T> isWanted) {
      entries.entrySet().removeIf(entry -> !isWanted.test(entry.getKey(), entry.getValue()));
      return entries;
    }
  }
}
