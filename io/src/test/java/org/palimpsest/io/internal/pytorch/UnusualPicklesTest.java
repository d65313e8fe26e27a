package org.palimpsest.io.internal.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.io.fuzz.PickleWriter;

/** Tensors in forms that PyTorch writes rarely, or wrote long ago: read, or named as left out. */
class UnusualPicklesTest {

  private static final String MAGIC = "80028a0a6cfc9c46f9206aa850192e";
  private static final int NUMBERS = 6;

  @TempDir Path folder;

  private Path archive(Consumer<PickleWriter> content) throws IOException {
    return archive(content, "3\n");
  }

  private Path archive(Consumer<PickleWriter> content, String version) throws IOException {
    PickleWriter pickle = new PickleWriter(2);
    content.accept(pickle);
    Path file = folder.resolve("made.pth");
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      put(zip, "archive/data.pkl", pickle.bytes());
      put(zip, "archive/data/0", storage());
      if (!version.isEmpty()) {
        put(zip, "archive/version", version.getBytes(StandardCharsets.US_ASCII));
      }
    }
    return file;
  }

  private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(content);
  }

  /** The numbers 1 to 6. */
  private static byte[] storage() {
    ByteBuffer bytes = ByteBuffer.allocate(NUMBERS * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 1; i <= NUMBERS; i++) {
      bytes.putFloat(i);
    }
    return bytes.array();
  }

  private static void storage(PickleWriter pickle) {
    pickle.step('(').text("storage").global("torch", "FloatStorage").text("0").text("cpu");
    pickle.number(NUMBERS).steps("tQ");
  }

  /** Two numbers, the first of them told. */
  private static void tensor(PickleWriter pickle, int first, Consumer<PickleWriter> metadata) {
    pickle.global("torch._utils", "_rebuild_tensor_v2").step('(');
    storage(pickle);
    pickle.number(first - 1).numbers(2).numbers(1).truth(false);
    pickle.global("collections", "OrderedDict").call();
    metadata.accept(pickle);
    pickle.steps("tR");
  }

  private static void tensor(PickleWriter pickle, int first) {
    tensor(pickle, first, none -> {});
  }

  /** A dictionary of the tensor 'w' and what else is told. */
  private static Consumer<PickleWriter> besideOne(Consumer<PickleWriter> more) {
    return pickle -> {
      pickle.step('}').text("w");
      tensor(pickle, 1);
      pickle.step('s');
      more.accept(pickle);
    };
  }

  private static double[] values(Weights weights, String name) {
    return weights.find(name).orElseThrow().values().toDoubleVector();
  }

  private void assertLeftOut(Consumer<PickleWriter> more, String said) throws IOException {
    Weights weights = TorchWeights.read(archive(besideOne(more)));
    assertThat(weights.tensors()).extracting(WeightTensor::name).containsExactly("w");
    assertThat(weights.provenance().notes().get(0)).startsWith("left out: ").contains(said);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void signsThatArePutOffAreTurnedInTorchScriptToo(boolean tagged) throws IOException {
    Consumer<PickleWriter> metadata =
        pickle -> {
          pickle.steps(tagged ? "ctorch.jit._pickle\nrestore_type_tag\n" : "");
          pickle.step('}').text("neg").truth(true).step('s');
          if (tagged) {
            pickle.text("Dict[str, bool]").step(0x86).step('R');
          }
        };
    Path file =
        archive(
            pickle -> {
              pickle.step('}').text("n");
              tensor(pickle, 3, metadata);
              pickle.step('s');
            });
    assertThat(values(TorchWeights.read(file), "n")).containsExactly(-3, -4);
  }

  @Test
  void propertiesOfUnknownMeaningAreNeverIgnored() throws IOException {
    for (Consumer<PickleWriter> metadata :
        List.<Consumer<PickleWriter>>of(
            p -> p.step('}').text("neg").truth(false).step('s'),
            p -> p.step('}').text("neg").number(1).step('s'),
            p -> p.step('}').text("conj").truth(true).step('s'),
            p -> p.step('}').number(0).truth(true).step('s'),
            p -> p.numbers(1),
            p -> p.global("my.module", "metadata").call())) {
      assertLeftOut(
          p -> {
            p.text("a");
            tensor(p, 1, metadata);
            p.step('s');
          },
          "a (with the property '");
    }
  }

  @Test
  void dictionariesAndListsOfTorchScriptAreReadOrNamed() throws IOException {
    Path file =
        archive(
            besideOne(
                p -> {
                  p.text("d").global("torch.jit._pickle", "restore_type_tag").step('}').text("k");
                  tensor(p, 5);
                  p.step('s').text("Dict[str, Tensor]").step(0x86).steps("Rs");
                  p.text("l").global("torch.jit._pickle", "build_tensorlist").step(']');
                  tensor(p, 1);
                  p.step('a').step(0x85).steps("Rs");
                }));
    Weights weights = TorchWeights.read(file);
    assertThat(values(weights, "d.k")).containsExactly(5, 6);
    assertThat(weights.provenance().notes())
        .containsExactly("left out: l (1 tensor in a list, without names)");
  }

  @Test
  void tensorsInStatesOfUnknownObjectsAreNamed() throws IOException {
    assertLeftOut(
        p -> {
          p.text("packed").global("my.classes", "Packed").step(')').step(0x81);
          tensor(p, 3);
          tensor(p, 4);
          p.step(0x86).steps("bs");
        },
        "packed (2 tensors in an object of another kind)");
    assertLeftOut(
        p -> {
          p.text("made").global("my.classes", "Made").step('(');
          tensor(p, 3);
          p.steps("tRs");
        },
        "made (1 tensor in an object of another kind)");
  }

  @ParameterizedTest
  @CsvSource({
    "torch.nn.parameter, Parameter",
    "torch.nn.parameter, Buffer",
    "torch.autograd.variable, Variable"
  })
  void wrappersOfEarlyPyTorchAreOpened(String module, String name) throws IOException {
    Path file =
        archive(
            besideOne(
                p -> {
                  p.text("a").global(module, name).step('(');
                  tensor(p, 3);
                  p.truth(true).steps("tR");
                  p.truth(true).truth(false).step('N').step(0x87).steps("bs");
                }));
    assertThat(values(TorchWeights.read(file), "a")).containsExactly(3, 4);
  }

  @Test
  void tensorsThatEarlyPyTorchMadeByTheirStateAreRead() throws IOException {
    Path file =
        archive(
            besideOne(
                p -> {
                  p.text("a").global("torch.nn.parameter", "Parameter").step(')').step(0x81);
                  p.step('(').global("torch", "FloatTensor").step(')').step(0x81).step('(');
                  storage(p);
                  p.number(4).numbers(2).numbers(1).steps("tb");
                  p.steps("NNN").truth(true).steps("tbs");
                }));
    assertThat(values(TorchWeights.read(file), "a")).containsExactly(5, 6);
  }

  @Test
  void aTensorThatIsGivenItsNumbersTwiceIsRefused() throws IOException {
    Path file =
        archive(
            besideOne(
                p -> {
                  p.text("a");
                  tensor(p, 1);
                  p.step('(');
                  storage(p);
                  p.number(4).numbers(2).numbers(1).steps("tbs");
                }));
    assertThatThrownBy(() -> TorchWeights.read(file)).hasMessageContaining("its numbers twice");
  }

  @Test
  void tensorsUnderKeysThatAreNoTextAreNamed() throws IOException {
    Consumer<PickleWriter> entry =
        p -> {
          tensor(p, 1);
          p.step('s');
        };
    Consumer<PickleWriter> four =
        p -> {
          entry.accept(p.number(0));
          entry.accept(p.truth(true));
          entry.accept(p.step('N'));
          entry.accept(p.numbers(1, 2));
        };
    assertLeftOut(four, "[0, True, None, a tuple] (4 tensors under keys that are no text)");
    Path numbered = archive(p -> entry.accept(p.step('}').number(7)));
    assertThatThrownBy(() -> TorchWeights.read(numbered))
        .hasMessageContaining("[7] (1 tensor under keys that are no text)");
  }

  @Test
  void tensorsInDictionariesInListsAreNamed() throws IOException {
    Consumer<PickleWriter> list =
        p -> {
          p.text("branches").steps("]}").text("k");
          tensor(p, 1);
          p.steps("sas");
        };
    assertLeftOut(list, "branches (1 tensor in a list, without names)");
    Path file = archive(besideOne(list));
    assertThatThrownBy(() -> TorchWeights.read(file, "branches"))
        .hasMessageContaining("1 tensor in a list");
  }

  @Test
  void storagesAloneAndTensorsWithoutValuesAreNamed() throws IOException {
    assertLeftOut(
        p -> {
          p.text("s");
          storage(p);
          p.step('s');
        },
        "s (a storage alone");
    assertLeftOut(
        p -> {
          p.text("lazy").global("torch.nn.parameter", "UninitializedParameter");
          p.truth(true).step(0x85).steps("Rs");
        },
        "lazy (without values");
    assertLeftOut(
        p -> {
          p.text("x").global("torch._utils", "_rebuild_device_tensor_from_cpu_tensor").step('(');
          tensor(p, 1);
          p.global("torch", "float32").text("cpu").truth(false).steps("tRs");
        },
        "x (saved by another device");
    assertLeftOut(
        p -> {
          p.text("x").global("torch._utils", "_rebuild_in_some_new_way").step('(');
          tensor(p, 1);
          p.steps("tRs");
        },
        "x (made by _rebuild_in_some_new_way");
  }

  @Test
  void attributesThatAreNeitherParametersNorBuffersAreNamedUnlessTheyAreRead() throws IOException {
    Path file =
        archive(
            p -> {
              p.global("torch.nn.modules.linear", "Linear").step(')').step(0x81).step('}');
              p.text("_parameters").step('}').text("weight");
              tensor(p, 1);
              p.steps("ss").text("_modules").steps("}s");
              p.text("again");
              tensor(p, 1);
              p.step('s').text("mask");
              tensor(p, 5);
              p.steps("sb");
            });
    Weights weights = TorchWeights.read(file);
    assertThat(weights.tensors()).extracting(WeightTensor::name).containsExactly("weight");
    assertThat(weights.provenance().notes())
        .containsExactly("left out: mask (1 tensor neither parameters nor buffers)");
  }

  @Test
  void statesThatComeOneAfterTheOtherAddUp() throws IOException {
    Path file =
        archive(
            p -> {
              p.global("my.module", "Net").step(')').step(0x81);
              p.step('}').text("_parameters").step('}').text("weight");
              tensor(p, 1);
              p.steps("ssb").step('}').text("training").truth(true).steps("sb");
            });
    assertThat(values(TorchWeights.read(file), "weight")).containsExactly(1, 2);
  }

  @Test
  void namesThatTwoTensorsShareAreNoDamage() throws IOException {
    Path file =
        archive(
            p -> {
              p.step('}').text("a").step('}').text("b");
              tensor(p, 1);
              p.steps("ss").text("a.b");
              tensor(p, 5);
              p.step('s');
            });
    assertThatThrownBy(() -> TorchWeights.read(file))
        .hasMessageContaining("joined by dots, are both 'a.b'");
    assertThat(values(TorchWeights.read(file, "a"), "b")).containsExactly(1, 2);
  }

  @Test
  void aKeyThatCanMeanTwoEntriesIsRefused() throws IOException {
    Path file =
        archive(
            p -> {
              p.step('}').text("ema").step('}').text("params").step('}').text("w");
              tensor(p, 1);
              p.steps("sss").text("ema.params").step('}').text("w");
              tensor(p, 5);
              p.steps("ss");
            });
    assertThatThrownBy(() -> TorchWeights.read(file, "ema.params"))
        .hasMessageContaining("more than one entry that 'ema.params' can mean");
    assertThat(values(TorchWeights.read(file, "ema"), "params.w")).containsExactly(1, 2);
  }

  @ParameterizedTest
  @CsvSource({"99, of version '99'", "x, of version 'x'", "'', no entry 'archive/version'"})
  void archivesOfUnknownVersionsAreRefusedAsPyTorchDoes(String version, String reason)
      throws IOException {
    Path file = archive(besideOne(p -> {}), version);
    assertThatThrownBy(() -> TorchWeights.read(file)).hasMessageContaining(reason);
  }

  @Test
  void archivesWithoutChecksumsAreReadAndSaid() throws IOException {
    Path file = archive(besideOne(p -> {}));
    Path bare = Files.write(folder.resolve("bare.pth"), withoutChecksums(file));
    Weights weights = TorchWeights.read(bare);
    assertThat(values(weights, "w")).containsExactly(1, 2);
    assertThat(weights.provenance().notes().get(0)).startsWith("without checksums");
  }

  /** Zeroes the checksums in the directory and in the records behind the entries. */
  private static byte[] withoutChecksums(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at + 20 < bytes.limit(); at++) {
      int mark = bytes.getInt(at);
      if (mark == 0x08074b50) {
        bytes.putInt(at + 4, 0);
      } else if (mark == 0x02014b50) {
        bytes.putInt(at + 16, 0);
      }
    }
    return bytes.array();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void storagesOfTheOldFormatAreLittleEndianOnEveryMachine(boolean little) throws IOException {
    Path file = old(little, besideOne(p -> {}), "FloatStorage");
    assertThat(values(TorchWeights.read(file), "w")).containsExactly(1, 2);
  }

  @Test
  void whatPyTorchCannotLoadFromItsOldFormatIsLeftOut() throws IOException {
    Path file =
        old(
            true,
            p -> {
              besideOne(q -> {}).accept(p);
              p.text("u").global("torch._utils", "_rebuild_tensor_v3").step('(');
              p.step('(').text("storage").global("torch.storage", "UntypedStorage").text("1");
              p.text("cpu").number(NUMBERS).step('N').steps("tQ");
              p.number(0).numbers(3).numbers(1).truth(false);
              p.global("collections", "OrderedDict").call().global("torch", "uint16").steps("tRs");
            },
            "FloatStorage, UntypedStorage");
    Weights weights = TorchWeights.read(file);
    assertThat(values(weights, "w")).containsExactly(1, 2);
    assertThat(weights.provenance().notes().get(0)).contains("u (of type UntypedStorage");
  }

  /** The numbers of float8 lie in a storage without a type; which they are stands beside. */
  @Test
  void aTypeThatIsNotReadIsCalledByItsName() throws IOException {
    assertLeftOut(
        p -> {
          p.text("u").global("torch._utils", "_rebuild_tensor_v3").step('(');
          p.step('(').text("storage").global("torch.storage", "UntypedStorage").text("1");
          p.text("cpu").number(NUMBERS).steps("tQ");
          p.number(0).numbers(3).numbers(1).truth(false);
          p.global("collections", "OrderedDict").call();
          p.global("torch", "float8_e4m3fn").steps("tRs");
        },
        "u (of type torch.float8_e4m3fn, which is not read; save tensor.float())");
    assertLeftOut(
        p -> {
          p.text("u").global("torch._utils", "_rebuild_tensor_v2").step('(');
          p.step('(').text("storage").global("torch", "ComplexFloatStorage").text("1");
          p.text("cpu").number(3).steps("tQ");
          p.number(0).numbers(3).numbers(1).truth(false);
          p.global("collections", "OrderedDict").call().steps("tRs");
        },
        "u (of type ComplexFloatStorage, which is not read; save torch.view_as_real(tensor))");
  }

  private Path old(boolean little, Consumer<PickleWriter> content, String storages)
      throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(HexFormat.of().parseHex(MAGIC));
    file.writeBytes(new PickleWriter(2).number(1001).bytes());
    file.writeBytes(
        new PickleWriter(2).step('}').text("little_endian").truth(little).step('s').bytes());
    PickleWriter pickle = new PickleWriter(2);
    content.accept(pickle);
    file.writeBytes(pickle.bytes());
    boolean two = storages.contains(",");
    PickleWriter keys = new PickleWriter(2).step(']').text("0").step('a');
    file.writeBytes((two ? keys.text("1").step('a') : keys).bytes());
    for (int i = 0; i < (two ? 2 : 1); i++) {
      file.writeBytes(
          ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(NUMBERS).array());
      file.writeBytes(i == 0 ? storage() : new byte[NUMBERS]);
    }
    return Files.write(folder.resolve("old.pth"), file.toByteArray());
  }
}
