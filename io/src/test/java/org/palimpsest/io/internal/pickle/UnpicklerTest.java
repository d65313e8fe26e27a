package org.palimpsest.io.internal.pickle;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;

class UnpicklerTest {

  private static final ObjectFactory NOTHING_KNOWN =
      new ObjectFactory() {
        @Override
        public Optional<Object> make(Global callee, List<Object> arguments) {
          return Optional.empty();
        }

        @Override
        public Object load(Object persistentId) {
          return persistentId;
        }
      };

  private static Object read(String pickle) throws IOException {
    byte[] bytes = pickle.getBytes(ISO_8859_1);
    return Unpickler.read(new ByteArrayInputStream(bytes), NOTHING_KNOWN, "evil.pth");
  }

  @Test
  void constantsOfEveryProtocolAreRead() throws IOException {
    PyTuple tuple =
        (PyTuple)
            read(
                "\u0080\u0002(NK\u0007J\u00ff\u00ff\u00ff\u00ffM\u0000\u0001\u0088\u0089"
                    + "G?\u00f8\0\0\0\0\0\0\u008a\u0002\u0000\u0080I12\nI01\nL5L\nF2.5\n"
                    + "X\u0002\0\0\0hiU\u0001aS'b'\nVc\nt.");
    assertThat(tuple.items())
        .containsExactly(
            PyNone.NONE,
            7L,
            -1L,
            256L,
            true,
            false,
            1.5,
            -32768L,
            12L,
            true,
            5L,
            2.5,
            "hi",
            "a",
            "b",
            "c");
  }

  @Test
  void containersKeepTheirOrder() throws IOException {
    PyDict dict = (PyDict) read("}(U\u0001bK\u0001U\u0001aK\u0002u.");
    assertThat(dict.named().keySet()).containsExactly("b", "a");
    assertThat(read("](K\u0001K\u0002e.")).isEqualTo(List.of(1L, 2L));
    assertThat(((PyDict) read("ccollections\nOrderedDict\n)RU\u0001xK\u0003s.")).get("x"))
        .isEqualTo(3L);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cos\nsystem\n(S'echo'\ntR.",
        "cposix\nsystem\n(S'echo'\ntR.",
        "cbuiltins\neval\n(S'1'\ntR.",
        "c__builtin__\nexec\n.",
        "cbuiltins\ngetattr\n(cmy\nos\nS'system'\ntR.",
        "cbuiltins\ngetattr\n(cmy\nClass\nS'__globals__'\ntR.",
        "cuuid\n_popen\n)R.",
        "cpydoc\npipepager\n)R.",
        "cdoctest\ndebug_script\n)R.",
        "cjoblib\nload\n)R.",
        "cpandas\nread_pickle\n)R.",
        "ctorch.utils.collect_env\nrun\n)R.",
        "ctorch._inductor.codecache\ncompile_file\n)R.",
        "ctorch._utils\n_import_dotted_name\n(S'os.system'\ntR.",
        "csubprocess\nPopen\n(S'echo'\ntR.",
        "ctorch\nload\n(S'x'\ntR.",
        "ctorch.hub\nload\n.",
        "cjava.lang\nRuntime\n.",
        "cjavax.script\nScriptEngineManager\n)R.",
        "(S'echo'\nios\nsystem\n.",
        "(cos\nsystem\nS'echo'\no.",
        "\u0080\u0004\u008c\u0002os\u008c\u0006system\u0093.",
        "\u0080\u0004\u008c\u000bcollections\u008c\u0019abc.sys.modules.os.system\u0093.",
        "cnumpy.testing._private.utils\nrunstring\n."
      })
  void namesThatOnlyAnAttackNeedsAreRefused(String pickle) {
    assertThatThrownBy(() -> read(pickle))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("evil.pth names '")
        .hasMessageContaining("Nothing was run");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cbuiltins\ngetattr\n(csettings\nMode\nS'BILINEAR'\ntR.",
        "c__builtin__\ngetattr\n(cmy.net\nNet\n)RS'eval'\ntR.",
        "c__builtin__\nxrange\n(I0\nI3\ntR.",
        "cbuiltins\nmax\n.",
        "ctorch\nrelu\n.",
        "chttp\nHTTPStatus\n.",
        "ccode.models\nNet\n."
      })
  void namesThatHonestSettingsHoldArePassedOver(String pickle) throws IOException {
    assertThat(read(pickle)).isInstanceOfAny(Global.class, Opaque.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ccollections\nOrderedDict\n}U\u0001aK\u0001s\u0085R.",
        "ccollections\nOrderedDict\n]U\u0001aK\u0001\u0086a\u0085R.",
        "ccollections\nOrderedDict\nU\u0001aK\u0001\u0086\u0085\u0085R.",
        "ccollections\ndefaultdict\ncbuiltins\nlist\n}U\u0001aK\u0001s\u0086R.",
        "cbuiltins\ndict\n}U\u0001aK\u0001s\u0085R.",
        "ccollections\nOrderedDict\n)}U\u0001aK\u0001s\u0092."
      })
  void dictionariesAreFilledByTheirConstructors(String pickle) throws IOException {
    assertThat(((PyDict) read(pickle)).get("a")).isEqualTo(1L);
  }

  @Test
  void constructorsOfDictionariesThatAreGivenNoPairsAreRefused() {
    assertThatThrownBy(() -> read("ccollections\nOrderedDict\n]K\u0001a\u0085R."))
        .hasMessageContaining("damaged");
  }

  @Test
  void textOfProtocol0IsUnescaped() throws IOException {
    assertThat(read("Vgr\\u00f6\\u00dfe\n.")).isEqualTo("größe");
    assertThat(read("S'it\\'s\\n'\n.")).isEqualTo("it's\n");
  }

  @Test
  void unknownClassesBecomeOpaque() throws IOException {
    Opaque object = (Opaque) read("cmy.project\nSettings\n)\u0081}U\u0001aK\u0001sb.");
    assertThat(object.type()).isEqualTo("my.project.Settings");
    assertThat(((PyDict) object.state()).get("a")).isEqualTo(1L);
    assertThat(read("cpathlib\nPosixPath\n(S'runs'\ntR.")).isInstanceOf(Opaque.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "K",
        "X\u00ff\u00ff\u00ff\u007f",
        "\u008d\u00ff\u00ff\u00ff\u00ff\0\0\0\0",
        "B\u00ff\u00ff\u00ff\u00ff",
        "\u008b\u00ff\u00ff\u00ff\u00ff",
        "T\u00ff\u00ff\u00ff\u00ff",
        "t.",
        "\u0087.",
        ".",
        "R.",
        "h\u0005.",
        "a.",
        "(u.",
        "(K\u0001d.",
        "}(K\u0001u.",
        "2.",
        "b.",
        "\u0080\u0009.",
        "\u00ee.",
        "q\u0001.",
        "(.",
        "g\u0000x\n.",
        "0.",
        "Ix\n.",
        "S'\n.",
        "(o.",
        "(K\u0001\u0086.",
        "\u0093.",
        "NN\u0093."
      })
  void damagedPicklesAreRefused(String pickle) {
    assertThatThrownBy(() -> read(pickle))
        .isInstanceOfAny(PalimpsestException.class, IOException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"]", "(", "}", ")\u0091", "K\u0001\u0085", "N2", "]q\u0000", ")\u0085"})
  void floodsOfObjectsEndWithinASecond(String repeated) {
    String flood = repeated.repeat(6_000_000 / repeated.length());
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () ->
            assertThatThrownBy(() -> read(flood))
                .isInstanceOfAny(PalimpsestException.class, IOException.class));
  }

  @Test
  void deepNestingIsNoStackOverflow() throws IOException {
    assertThat(read("K\u0001" + "\u0085".repeat(900_000) + ".")).isInstanceOf(PyTuple.class);
  }

  @Test
  void aListTurnedIntoDictionariesAgainAndAgainIsRefused() {
    String list = "](" + "NN\u0086".repeat(100_000) + "eq\u0000";
    String amplifier = "ccollections\nOrderedDict\nh\u0000\u0085R0".repeat(1000);
    assertThatThrownBy(() -> read(list + amplifier + ".")).hasMessageContaining("steps");
  }

  @Test
  void aValueThatContainsItselfIsRead() throws IOException {
    List<?> list = (List<?>) read("]q\u0000h\u0000a.");
    assertThat(list.get(0) == list).isTrue();
  }
}
