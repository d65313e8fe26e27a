package org.palimpsest.io.internal.pickle;

import java.util.Set;
import org.palimpsest.core.PalimpsestException;

/**
 * A class or function that a pickle names. It is a name and nothing else: it is never looked up or
 * called, so it can do no harm here. A file that names what runs commands or code in Python is
 * refused by that name; what has nothing to do with weights is passed over and told.
 *
 * @param module such as {@code torch._utils}
 * @param name such as {@code _rebuild_tensor_v2}
 */
public record Global(String module, String name) {

  private static final Set<String> HARMFUL_BUILTINS =
      Set.of(
          "eval",
          "exec",
          "execfile",
          "compile",
          "open",
          "file",
          "__import__",
          "__build_class__",
          "apply",
          "reload",
          "globals",
          "locals",
          "vars",
          "setattr",
          "delattr",
          "input",
          "raw_input",
          "breakpoint",
          "help",
          "exit",
          "quit");

  private static final Set<String> HARMFUL_MODULES =
      Set.of(
          "os",
          "posix",
          "nt",
          "sys",
          "subprocess",
          "_posixsubprocess",
          "shutil",
          "socket",
          "_socket",
          "ssl",
          "ctypes",
          "_ctypes",
          "importlib",
          "imp",
          "_imp",
          "zipimport",
          "pkgutil",
          "runpy",
          "pty",
          "codeop",
          "pickle",
          "_pickle",
          "cPickle",
          "dill",
          "cloudpickle",
          "joblib",
          "marshal",
          "shelve",
          "commands",
          "webbrowser",
          "pip",
          "ensurepip",
          "venv",
          "distutils",
          "setuptools",
          "timeit",
          "cProfile",
          "pdb",
          "bdb",
          "cgitb",
          "doctest",
          "pydoc",
          "idlelib",
          "lib2to3",
          "IPython",
          "unittest",
          "asyncio",
          "multiprocessing",
          "concurrent",
          "_thread",
          "_xxsubinterpreters",
          "sqlite3",
          "urllib.request",
          "http.client",
          "http.server",
          "httplib",
          "aiohttp",
          "ftplib",
          "smtplib",
          "telnetlib",
          "xmlrpc",
          "requests",
          "java",
          "javax",
          "jdk",
          "com.sun",
          "sun.misc",
          "sun.reflect");

  private static final Set<String> HARMFUL_NAMES =
      Set.of(
          "__import__",
          "_import_dotted_name",
          "import_module",
          "system",
          "popen",
          "_popen",
          "Popen",
          "spawn",
          "setattr",
          "delattr",
          "runstring",
          "read_pickle",
          "__getattribute__",
          "__globals__",
          "__builtins__",
          "__code__",
          "__reduce__",
          "__reduce_ex__",
          "__subclasses__",
          "attrgetter",
          "methodcaller",
          "builtins",
          "__builtin__");

  /** Members of classes may have these names; functions of modules should not. */
  private static final Set<String> HARMFUL_FUNCTIONS =
      Set.of("eval", "exec", "execfile", "breakpoint");

  private static final Set<String> HARMFUL_PATHS =
      Set.of(
          "code.interact",
          "code.compile_command",
          "code.InteractiveInterpreter",
          "code.InteractiveConsole",
          "profile.run",
          "profile.runctx",
          "trace.Trace",
          "site.main",
          "site.execsitecustomize",
          "site.execusercustomize",
          "uuid._popen",
          "logging.config",
          "platform.popen",
          "types.FunctionType",
          "types.CodeType",
          "types.LambdaType",
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
          "torch.jit.unsupported_tensor_ops",
          "torch.utils.collect_env",
          "torch.utils.cpp_extension",
          "torch.utils.bottleneck",
          "torch.utils._config_module",
          "torch.utils.data.datapipes.utils.decoder",
          "torch.testing._internal",
          "torch.ops",
          "torch.classes",
          "torch.multiprocessing",
          "torch.distributed.rpc",
          "torch._dynamo.guards",
          "torch._inductor",
          "torch.fx.experimental.symbolic_shapes",
          "numpy.load",
          "numpy.testing",
          "numpy.f2py",
          "numpy.distutils");

  /** Functions of the modules above that only tell or join something. */
  private static final Set<String> HARMLESS_PATHS =
      Set.of(
          "os.cpu_count",
          "os.fspath",
          "os.getcwd",
          "os.getpid",
          "os.fsencode",
          "os.fsdecode",
          "os.PathLike",
          "os.stat_result",
          "os.terminal_size",
          "os.times_result",
          "os.uname_result",
          "posix.cpu_count",
          "posix.fspath",
          "posix.getcwd",
          "posix.getpid",
          "posix.stat_result",
          "nt.cpu_count",
          "nt.fspath",
          "nt.getcwd",
          "nt.getpid",
          "nt.stat_result",
          "sys.getsizeof",
          "sys.intern",
          "multiprocessing.cpu_count");

  public String path() {
    return module + "." + name;
  }

  /** Refuses a name that has no place in a file of weights. */
  Global requireHarmless(String source) {
    if (isHarmful()) {
      throw new PalimpsestException(
          ("%s names '%.80s', which has no place in a file of weights: Python would let it run"
                  + " commands or code on the machine of whoever loads the file. Nothing was run;"
                  + " do not use the file.")
              .formatted(source, path()));
    }
    return this;
  }

  private boolean isHarmful() {
    String path = path();
    if (HARMLESS_PATHS.contains(path)) {
      return false;
    }
    return isBuiltin() && HARMFUL_BUILTINS.contains(firstPart(name))
        || startsWithAny(path, HARMFUL_MODULES)
        || startsWithAny(path, HARMFUL_PATHS)
        || HARMFUL_FUNCTIONS.contains(firstPart(name))
        || anyPart(name, HARMFUL_NAMES)
        || name.indexOf('.') >= 0 && anyPart(name, HARMFUL_MODULES);
  }

  boolean isBuiltin() {
    return module.equals("builtins") || module.equals("__builtin__");
  }

  private static String firstPart(String name) {
    int dot = name.indexOf('.');
    return dot < 0 ? name : name.substring(0, dot);
  }

  private static boolean startsWithAny(String path, Set<String> starts) {
    for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
      if (starts.contains(path.substring(0, dot))) {
        return true;
      }
    }
    return starts.contains(path);
  }

  private static boolean anyPart(String name, Set<String> names) {
    for (String part : name.split("\\.", -1)) {
      if (names.contains(part)) {
        return true;
      }
    }
    return false;
  }
}
