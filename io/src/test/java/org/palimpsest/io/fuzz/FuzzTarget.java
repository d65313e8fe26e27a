package org.palimpsest.io.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.zip.ZipInputStream;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.io.dl4j.Dl4jExamples;
import org.palimpsest.io.dl4j.Dl4jNetwork;
import org.palimpsest.io.dump.Dumps;
import org.palimpsest.io.image.ImageProbes;
import org.palimpsest.io.image.Preprocessing;
import org.palimpsest.io.internal.frontend.FrontEnds;
import org.palimpsest.io.internal.onnxruntime.OnnxNetwork;
import org.palimpsest.io.internal.onnxruntime.OnnxWeights;
import org.palimpsest.io.internal.torchscript.TorchScriptOutline;
import org.palimpsest.io.internal.weights.WeightFiles;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.npy.NpyFile;
import org.palimpsest.io.npy.NpyProbes;

/**
 * A real file and the way in which it is read.
 *
 * @param hasChecksum whether the format notices changed numbers
 * @param reader reads everything and gives a digest of the numbers of each tensor
 * @param mutation makes of the file another one, which is refused or read rightly
 */
record FuzzTarget(
    String name,
    String ending,
    byte[] content,
    boolean hasChecksum,
    Function<Path, Set<Long>> reader,
    BiFunction<byte[], SplittableRandom, byte[]> mutation) {

  FuzzTarget(
      String name,
      String ending,
      byte[] content,
      boolean hasChecksum,
      Function<Path, Set<Long>> reader) {
    this(name, ending, content, hasChecksum, reader, Mutator::mutate);
  }

  Set<Long> read(Path file) {
    return reader.apply(file);
  }

  @Override
  public String toString() {
    return name;
  }

  static List<FuzzTarget> all() throws IOException {
    return List.of(
        DamagedJournals.target(),
        new FuzzTarget("npy", ".npy", array("little_f4_C_1.npy"), false, FuzzTarget::array),
        new FuzzTarget("npy-fortran", ".npy", array("fortran_2345.npy"), false, FuzzTarget::probes),
        new FuzzTarget("npz", ".npz", resource("npy/stored.npz"), true, FuzzTarget::dump),
        new FuzzTarget(
            "npz-deflated", ".npz", resource("npy/deflated.npz"), true, FuzzTarget::dump),
        new FuzzTarget("torch", ".pth", resource("torch/odd.pth"), true, FuzzTarget::weights),
        new FuzzTarget(
            "torch-module", ".pth", resource("torch/module.pth"), true, FuzzTarget::weights),
        new FuzzTarget(
            "torchscript-weights", ".pt", resource("torch/scripted.pt"), true, FuzzTarget::weights),
        new FuzzTarget(
            "torchscript-layers", ".pt", resource("torch/scripted.pt"), true, FuzzTarget::layers),
        new FuzzTarget(
            "torchscript-swollen",
            ".pt",
            resource("torch/scripted.pt"),
            true,
            FuzzTarget::layers,
            SwollenScripts::mutate),
        new FuzzTarget(
            "torchscript-swollen-frozen",
            ".pt",
            resource("org/palimpsest/io/internal/torchscript/frozen_traced.pt"),
            false,
            FuzzTarget::layers,
            SwollenScripts::mutate),
        new FuzzTarget(
            "torch-legacy", ".pth", resource("torch/odd_legacy.pth"), false, FuzzTarget::weights),
        new FuzzTarget("pt2", ".pt2", resource("pt2/net.pt2"), true, FuzzTarget::program),
        new FuzzTarget("pt2-flat", ".pt2", resource("pt2/odd_flat.pt2"), true, FuzzTarget::program),
        new FuzzTarget(
            "pt2-program",
            ".pt2",
            resource("pt2/odd.pt2"),
            true,
            FuzzTarget::program,
            ProgramMutants::mutate),
        new FuzzTarget("safetensors", ".safetensors", safetensors(), false, FuzzTarget::weights),
        new FuzzTarget("hdf5", ".h5", resource("hdf5/activations.h5"), false, FuzzTarget::dump),
        new FuzzTarget("hdf5-indexes", ".h5", resource("hdf5/indexes.h5"), false, FuzzTarget::dump),
        new FuzzTarget("dl4j", ".zip", savedNetwork(), true, FuzzTarget::dl4j),
        new FuzzTarget(
            "dl4j-unusual",
            ".zip",
            savedNetwork(),
            true,
            file -> UnusualSavedNetworks.watching(() -> dl4j(file)),
            UnusualSavedNetworks::change),
        new FuzzTarget("keras", ".h5", resource("keras/unet3.h5"), false, FuzzTarget::program),
        new FuzzTarget(
            "keras-sequence", ".h5", resource("keras/sequence3.h5"), false, FuzzTarget::program),
        new FuzzTarget(
            "keras-archive", ".keras", resource("keras/unet3.keras"), true, FuzzTarget::program),
        new FuzzTarget(
            "keras-settings",
            ".json",
            resource("keras/unet2.json"),
            false,
            UnusualKerasSettings::read,
            UnusualKerasSettings::change),
        new FuzzTarget(
            "onnx-weights", ".onnx", resource("onnx/unet.onnx"), false, FuzzTarget::onnxWeights),
        new FuzzTarget("onnx", ".onnx", resource("onnx/unet.onnx"), false, FuzzTarget::onnx),
        new FuzzTarget("nifti", ".nii", resource("image/volume.nii"), false, FuzzTarget::image),
        new FuzzTarget(
            "nifti-gz", ".nii.gz", resource("image/big.nii.gz"), true, FuzzTarget::image),
        new FuzzTarget("png", ".png", resource("image/colour.png"), true, FuzzTarget::image),
        new FuzzTarget("tiff", ".tiff", resource("image/packed.tiff"), false, FuzzTarget::image),
        new FuzzTarget("gif", ".gif", resource("image/palette.gif"), false, FuzzTarget::image),
        new FuzzTarget("jpeg", ".jpg", resource("image/flat.jpg"), false, FuzzTarget::image));
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = FuzzTarget.class.getResourceAsStream("/" + name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }

  private static byte[] array(String name) throws IOException {
    try (InputStream in = FuzzTarget.class.getResourceAsStream("/npy/arrays.zip");
        ZipInputStream zip = new ZipInputStream(in)) {
      while (!zip.getNextEntry().getName().equals(name)) {
        zip.closeEntry();
      }
      return zip.readAllBytes();
    }
  }

  private static byte[] safetensors() {
    String header =
        "{\"__metadata__\":{\"format\":\"pt\"},"
            + "\"conv.weight\":{\"dtype\":\"F32\",\"shape\":[2,1,3,3],\"data_offsets\":[0,72]},"
            + "\"conv.bias\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[72,76]},"
            + "\"steps\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[76,84]}}";
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + 84).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    while (bytes.hasRemaining()) {
      bytes.put((byte) bytes.position());
    }
    return bytes.array();
  }

  private static byte[] savedNetwork() throws IOException {
    ByteArrayOutputStream zip = new ByteArrayOutputStream();
    ModelSerializer.writeModel(Dl4jExamples.classifier(), zip, false);
    return zip.toByteArray();
  }

  private static Set<Long> array(Path file) {
    return Set.of(digest(NpyFile.read(file)));
  }

  private static Set<Long> probes(Path file) {
    return Set.of((long) NpyProbes.open(file).fingerprint().hashCode());
  }

  private static Set<Long> dump(Path file) {
    ActivationSet activations = Dumps.open(file);
    return activations.layers().stream()
        .map(layer -> digest(activations.get(layer).values()))
        .collect(Collectors.toSet());
  }

  private static Set<Long> weights(Path file) {
    return digests(WeightFiles.read(file));
  }

  /** A program and its tensors. */
  private static Set<Long> program(Path file) {
    FrontEnds.Found network =
        FrontEnds.of(file, NetworkOptions.none())
            .orElseThrow(() -> new PalimpsestException("No network is built from " + file));
    Set<Long> digests = new HashSet<>();
    network.tell((outline, weights) -> digests.addAll(digests(weights.get())));
    return digests;
  }

  private static Set<Long> layers(Path file) {
    return TorchScriptOutline.read(file).layers().stream()
        .map(layer -> (long) layer.hashCode())
        .collect(Collectors.toSet());
  }

  private static Set<Long> dl4j(Path file) {
    return digests(Dl4jNetwork.open(file).weights());
  }

  private static Set<Long> onnxWeights(Path file) {
    return digests(OnnxWeights.read(file));
  }

  /** With the runtime's own reading of the file. */
  private static Set<Long> onnx(Path file) {
    try (OnnxNetwork network = OnnxNetwork.open(file)) {
      return digests(network.weights());
    }
  }

  private static Set<Long> digests(Weights weights) {
    return weights.tensors().stream()
        .map(tensor -> digest(tensor.values()))
        .collect(Collectors.toSet());
  }

  private static Set<Long> image(Path file) {
    return Set.of((long) ImageProbes.open(file, Preprocessing.none()).fingerprint().hashCode());
  }

  private static long digest(INDArray tensor) {
    double[] values = new double[Math.toIntExact(tensor.length())];
    TensorReader.of(tensor).read(0, values);
    return 31L * Arrays.hashCode(values) + Arrays.hashCode(tensor.shape());
  }
}
