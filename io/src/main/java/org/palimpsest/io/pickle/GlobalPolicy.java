package org.palimpsest.io.pickle;

import java.util.Set;
import org.palimpsest.core.PalimpsestException;

/**
 * Which names a pickle may hold. Nothing is ever looked up or called, so a name can do no harm; but
 * a file that holds one of these was made to do harm elsewhere and is not trusted here.
 */
final class GlobalPolicy {

  private static final Set<String> HARMLESS_BUILTINS =
      Set.of(
          "set",
          "frozenset",
          "dict",
          "list",
          "tuple",
          "int",
          "float",
          "bool",
          "str",
          "bytes",
          "bytearray",
          "complex",
          "object",
          "slice",
          "range",
          "long",
          "unicode",
          "type",
          "Ellipsis",
          "NotImplemented");

  private static final Set<String> HARMFUL_MODULES =
      Set.of(
          "os",
          "posix",
          "nt",
          "sys",
          "subprocess",
          "shutil",
          "socket",
          "ctypes",
          "importlib",
          "imp",
          "runpy",
          "pty",
          "codeop",
          "pickle",
          "_pickle",
          "cPickle",
          "dill",
          "cloudpickle",
          "marshal",
          "commands",
          "webbrowser",
          "pip",
          "timeit",
          "cProfile",
          "pdb",
          "bdb",
          "asyncio",
          "multiprocessing",
          "concurrent",
          "urllib",
          "http",
          "ftplib",
          "smtplib",
          "requests",
          "java",
          "javax",
          "jdk",
          "com.sun");

  private static final Set<String> HARMFUL_NAMES =
      Set.of(
          "eval",
          "exec",
          "execfile",
          "compile",
          "open",
          "__import__",
          "import_module",
          "system",
          "popen",
          "Popen",
          "spawn",
          "getattr",
          "setattr",
          "delattr",
          "__getattribute__",
          "__globals__",
          "__builtins__",
          "__subclasses__",
          "attrgetter",
          "methodcaller",
          "breakpoint",
          "input");

  private static final Set<String> HARMFUL_PATHS =
      Set.of(
          "code.interact",
          "code.compile_command",
          "code.InteractiveInterpreter",
          "code.InteractiveConsole",
          "sun.misc",
          "sun.reflect",
          "torch.load",
          "torch.save",
          "torch.serialization.load",
          "torch.serialization.save",
          "torch.serialization._load",
          "torch.serialization._legacy_load",
          "torch.serialization._open_file",
          "torch.hub",
          "torch.package",
          "torch.jit.load",
          "torch.utils.cpp_extension",
          "torch.ops",
          "torch.classes",
          "torch.multiprocessing",
          "torch.distributed.rpc",
          "numpy.load",
          "numpy.testing",
          "numpy.f2py",
          "numpy.distutils");

  private GlobalPolicy() {}

  /** Refuses a name that has no place in a file of weights. */
  static Global check(Global global, String source) {
    if (isHarmful(global)) {
      throw new PalimpsestException(
          ("%s names '%.80s', which has no place in a file of weights: it was made to run code on"
                  + " the machine of whoever loads it. Nothing was run; do not use the file.")
              .formatted(source, global.path()));
    }
    return global;
  }

  private static boolean isHarmful(Global global) {
    if (global.module().equals("builtins") || global.module().equals("__builtin__")) {
      return !HARMLESS_BUILTINS.contains(global.name());
    }
    String path = global.path();
    return startsWithAny(path, HARMFUL_MODULES)
        || startsWithAny(path, HARMFUL_PATHS)
        || namesAny(global.name(), HARMFUL_NAMES);
  }

  private static boolean startsWithAny(String path, Set<String> starts) {
    for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
      if (starts.contains(path.substring(0, dot))) {
        return true;
      }
    }
    return starts.contains(path);
  }

  private static boolean namesAny(String name, Set<String> names) {
    for (String part : name.split("\\.", -1)) {
      if (names.contains(part)) {
        return true;
      }
    }
    return false;
  }
}
