package org.palimpsest.io.dl4j;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.serde.JsonMappers;
import org.nd4j.shade.jackson.core.JsonParser;
import org.nd4j.shade.jackson.core.JsonToken;
import org.nd4j.shade.jackson.databind.DeserializationContext;
import org.nd4j.shade.jackson.databind.JavaType;
import org.nd4j.shade.jackson.databind.JsonDeserializer;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.cfg.MapperConfig;
import org.nd4j.shade.jackson.databind.deser.DeserializationProblemHandler;
import org.nd4j.shade.jackson.databind.jsontype.PolymorphicTypeValidator;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.JsonDamage;
import org.palimpsest.internal.text.Names;

/**
 * The configuration of a saved network, which names the classes that DL4J makes objects of.
 *
 * <p>It is read once, as a tree in which no name is given twice. What DL4J gets is written anew
 * from that tree, and DL4J's mapper is asked to load none but the classes that DL4J's own
 * configurations consist of.
 */
final class NetworkConfiguration {

  /** DL4J takes a time that grows with the square of the number of layers. */
  private static final int MOST_LAYERS = 5000;

  private static final int MOST_WAYS = 256;
  private static final int MOST_NAMES = 8;

  private static final Set<String> OWN_CLASSES =
      classes(
          """
          org.deeplearning4j.nn.conf.constraint: MaxNormConstraint MinMaxNormConstraint
            NonNegativeConstraint UnitNormConstraint
          org.deeplearning4j.nn.conf.distribution: BinomialDistribution ConstantDistribution
            GaussianDistribution LogNormalDistribution NormalDistribution OrthogonalDistribution
            TruncatedNormalDistribution UniformDistribution
          org.deeplearning4j.nn.conf.dropout: AlphaDropout Dropout GaussianDropout GaussianNoise
            SpatialDropout
          org.deeplearning4j.nn.conf.graph: AttentionVertex ElementWiseVertex FrozenVertex
            L2NormalizeVertex L2Vertex LayerVertex MergeVertex PoolHelperVertex PreprocessorVertex
            ReshapeVertex ScaleVertex ShiftVertex StackVertex SubsetVertex UnstackVertex
          org.deeplearning4j.nn.conf.graph.rnn: DuplicateToTimeSeriesVertex LastTimeStepVertex
            ReverseTimeSeriesVertex
          org.deeplearning4j.nn.conf.inputs: InputType$InputTypeConvolutional
            InputType$InputTypeConvolutional3D InputType$InputTypeConvolutionalFlat
            InputType$InputTypeFeedForward InputType$InputTypeRecurrent
          org.deeplearning4j.nn.conf.layers: ActivationLayer AutoEncoder BatchNormalization CapsuleLayer
            CapsuleStrengthLayer CenterLossOutputLayer Cnn3DLossLayer CnnLossLayer Convolution1D
            Convolution1DLayer Convolution2D Convolution3D ConvolutionLayer Deconvolution2D Deconvolution3D
            DenseLayer DepthwiseConvolution2D DropoutLayer EmbeddingLayer EmbeddingSequenceLayer
            GlobalPoolingLayer GravesBidirectionalLSTM GravesLSTM LSTM LearnedSelfAttentionLayer
            LocalResponseNormalization LocallyConnected1D LocallyConnected2D LossLayer OutputLayer
            PReLULayer Pooling1D Pooling2D PrimaryCapsules RecurrentAttentionLayer RnnLossLayer
            RnnOutputLayer SelfAttentionLayer SeparableConvolution2D SpaceToBatchLayer SpaceToDepthLayer
            Subsampling1DLayer Subsampling3DLayer SubsamplingLayer Upsampling1D Upsampling2D Upsampling3D
            ZeroPadding1DLayer ZeroPadding3DLayer ZeroPaddingLayer
          org.deeplearning4j.nn.conf.layers.convolutional: Cropping1D Cropping2D Cropping3D
          org.deeplearning4j.nn.conf.layers.misc: ElementWiseMultiplicationLayer FrozenLayer
            FrozenLayerWithBackprop RepeatVector
          org.deeplearning4j.nn.conf.layers.objdetect: Yolo2OutputLayer
          org.deeplearning4j.nn.conf.layers.recurrent: Bidirectional LastTimeStep SimpleRnn
            TimeDistributed
          org.deeplearning4j.nn.conf.layers.util: MaskLayer MaskZeroLayer
          org.deeplearning4j.nn.conf.layers.variational: BernoulliReconstructionDistribution
            CompositeReconstructionDistribution ExponentialReconstructionDistribution
            GaussianReconstructionDistribution VariationalAutoencoder
          org.deeplearning4j.nn.conf.ocnn: OCNNOutputLayer
          org.deeplearning4j.nn.conf.preprocessor: Cnn3DToFeedForwardPreProcessor
            CnnToFeedForwardPreProcessor CnnToRnnPreProcessor ComposableInputPreProcessor
            FeedForwardToCnn3DPreProcessor FeedForwardToCnnPreProcessor FeedForwardToRnnPreProcessor
            RnnToCnnPreProcessor RnnToFeedForwardPreProcessor
          org.deeplearning4j.nn.conf.weightnoise: DropConnect WeightNoise
          org.deeplearning4j.nn.layers.ocnn: OCNNOutputLayer$OCNNLossFunction
          org.deeplearning4j.nn.layers.util: IdentityLayer
          org.deeplearning4j.nn.modelimport.keras.preprocessors: TensorFlowCnnToFeedForwardPreProcessor
          org.deeplearning4j.nn.weights: WeightInitConstant WeightInitDistribution WeightInitIdentity
            WeightInitLecunUniform WeightInitNormal WeightInitRelu WeightInitReluUniform
            WeightInitSigmoidUniform WeightInitUniform WeightInitVarScalingNormalFanAvg
            WeightInitVarScalingNormalFanIn WeightInitVarScalingNormalFanOut
            WeightInitVarScalingUniformFanAvg WeightInitVarScalingUniformFanIn
            WeightInitVarScalingUniformFanOut WeightInitXavier WeightInitXavierLegacy
            WeightInitXavierUniform
          org.deeplearning4j.nn.weights.embeddings: WeightInitEmbedding
          org.deeplearning4j.preprocessors: KerasFlattenRnnPreprocessor PermutePreprocessor
            ReshapePreprocessor
          org.nd4j.linalg.activations.impl: ActivationCube ActivationELU ActivationGELU
            ActivationHardSigmoid ActivationHardTanH ActivationIdentity ActivationLReLU ActivationMish
            ActivationPReLU ActivationRReLU ActivationRationalTanh ActivationReLU ActivationReLU6
            ActivationRectifiedTanh ActivationSELU ActivationSigmoid ActivationSoftPlus ActivationSoftSign
            ActivationSoftmax ActivationSwish ActivationTanH ActivationThresholdedReLU
          org.nd4j.linalg.learning.config: AMSGrad AdaBelief AdaDelta AdaGrad AdaMax Adam Nadam Nesterovs
            NoOp RmsProp Sgd
          org.nd4j.linalg.learning.regularization: L1Regularization L2Regularization WeightDecay
          org.nd4j.linalg.lossfunctions.impl: LossBinaryXENT LossCosineProximity LossFMeasure LossHinge
            LossKLD LossL1 LossL2 LossMAE LossMAPE LossMCXENT LossMSE LossMSLE LossMixtureDensity
            LossMultiLabel LossNegativeLogLikelihood LossPoisson LossSparseMCXENT LossSquaredHinge
            LossWasserstein
          org.nd4j.linalg.schedule: CycleSchedule ExponentialSchedule FixedSchedule InverseSchedule
            MapSchedule PolySchedule RampSchedule SigmoidSchedule StepSchedule
          """);

  /** Where a class is named: layers and all else, and distributions. */
  private static final Set<String> CLASS_NAMES = Set.of("@class", "type");

  private static final JsonMapper STRICT =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final Path file;
  private final JsonNode tree;

  private NetworkConfiguration(Path file, JsonNode tree) {
    this.file = file;
    this.tree = tree;
  }

  private static Set<String> classes(String packages) {
    return packages
        .replaceAll("\n {2}", " ")
        .lines()
        .map(line -> line.split(": +", 2))
        .flatMap(line -> Arrays.stream(line[1].split(" +")).map(name -> line[0] + "." + name))
        .collect(Collectors.toUnmodifiableSet());
  }

  static NetworkConfiguration read(Path file, byte[] json) throws IOException {
    try {
      NetworkConfiguration read = new NetworkConfiguration(file, STRICT.readTree(json));
      read.requireOwnClasses(read.tree);
      read.requireClassOfEachLayer();
      return read;
    } catch (JsonProcessingException malformed) {
      throw new PalimpsestException(
          "%s is damaged, or not as DL4J writes it; of its configuration.json: %s."
              .formatted(file, JsonDamage.inWords(malformed)),
          malformed);
    }
  }

  boolean isGraph() {
    if (Math.max(tree.path("vertices").size(), tree.path("confs").size()) > MOST_LAYERS) {
      throw refused("describes more than %s layers, which is not read".formatted(MOST_LAYERS));
    }
    if (tree.has("vertices") && tree.has("networkInputs")) {
      requireFewRepeats();
      requireNamesOnce();
      return true;
    }
    if (tree.has("confs")) {
      return false;
    }
    throw refused("describes neither a MultiLayerNetwork nor a ComputationGraph");
  }

  private void requireNamesOnce() {
    for (JsonNode input : tree.path("networkInputs")) {
      if (tree.path("vertices").has(input.asText())) {
        throw refused(
            "calls an input and a vertex by the same name, '%s'".formatted(input.asText()));
      }
    }
  }

  /** DL4J follows an input that is given twice twice, and so do all that come after. */
  private void requireFewRepeats() {
    long ways = 1;
    for (JsonNode inputs : tree.path("vertexInputs")) {
      Map<String, Long> counts = new HashMap<>();
      inputs.forEach(input -> counts.merge(input.asText(), 1L, Long::sum));
      ways *= counts.values().stream().mapToLong(Long::longValue).max().orElse(1);
      if (ways > MOST_WAYS) {
        throw refused("takes the same inputs several times, again and again");
      }
    }
  }

  /** What DL4J makes of it. */
  <T> T as(Class<T> type) throws IOException {
    ObjectMapper mapper = JsonMappers.getMapper().copy();
    mapper.setPolymorphicTypeValidator(new OwnClassesOnly());
    Unknown unknown = new Unknown(mapper);
    mapper.addHandler(unknown);
    T read = mapper.readValue(STRICT.writeValueAsString(tree), type);
    if (!unknown.settings.isEmpty()) {
      throw refused(
          "has settings that DL4J 1.0.0-M2.1 does not know and would pass over: %s"
              .formatted(Names.shortened(List.copyOf(unknown.settings), MOST_NAMES)));
    }
    return read;
  }

  /** Null is how settings are kept that are not set; of some, DL4J writes more than it reads. */
  private static final class Unknown extends DeserializationProblemHandler {

    private final ObjectMapper mapper;
    private final Set<String> settings = new LinkedHashSet<>();

    Unknown(ObjectMapper mapper) {
      this.mapper = mapper;
    }

    @Override
    public boolean handleUnknownProperty(
        DeserializationContext context,
        JsonParser parser,
        JsonDeserializer<?> reader,
        Object target,
        String name)
        throws IOException {
      Class<?> owner = target instanceof Class<?> type ? type : target.getClass();
      if (parser.currentToken() != JsonToken.VALUE_NULL && !isWritten(owner, name)) {
        settings.add("'%s' of %s".formatted(name, owner.getSimpleName()));
      }
      parser.skipChildren();
      return true;
    }

    private boolean isWritten(Class<?> owner, String name) {
      return mapper
          .getSerializationConfig()
          .introspect(mapper.constructType(owner))
          .findProperties()
          .stream()
          .anyMatch(known -> known.getName().equals(name) && known.couldSerialize());
    }
  }

  private void requireOwnClasses(JsonNode node) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (CLASS_NAMES.contains(field.getKey()) && isForeign(field.getKey(), field.getValue())) {
        throw foreign(field.getValue().asText());
      }
    }
    node.forEach(this::requireOwnClasses);
  }

  private static boolean isForeign(String key, JsonNode value) {
    boolean mayBeAnotherType = key.equals("type") && value.asText().indexOf('.') < 0;
    return value.isContainerNode() || !mayBeAnotherType && !OWN_CLASSES.contains(value.asText());
  }

  /** Without them DL4J falls back on rules of its first releases, by which nothing was tried. */
  private void requireClassOfEachLayer() {
    for (JsonNode layer : tree.path("confs")) {
      requireClass(layer.path("layer"));
    }
    for (JsonNode vertex : tree.path("vertices")) {
      requireClass(vertex);
      if (vertex.has("layerConf")) {
        requireClass(vertex.path("layerConf").path("layer"));
      }
    }
    if (tree.findValues("dist").stream().anyMatch(old -> !old.isNull())) {
      throw refused(
          "gives a distribution as DL4J did before 1.0.0-beta. Load and save it with 1.0.0-beta4");
    }
  }

  private void requireClass(JsonNode part) {
    if (!part.has("@class")) {
      throw refused(
          "has a layer without a class, as DL4J wrote before 1.0.0-beta. Load and save it with"
              + " 1.0.0-beta4");
    }
  }

  private PalimpsestException foreign(String name) {
    return new PalimpsestException(
        "%s names the class %s, which DL4J's own configurations do not consist of; it is not opened. If you trust it, restore it with DL4J and hand over the live network."
            .formatted(file, name));
  }

  private PalimpsestException refused(String why) {
    return new PalimpsestException("%s: its configuration.json %s.".formatted(file, why));
  }

  /** Asked before a class is looked up, wherever Jackson finds its name. */
  private final class OwnClassesOnly extends PolymorphicTypeValidator {

    private static final long serialVersionUID = 1;

    @Override
    public Validity validateBaseType(MapperConfig<?> config, JavaType base) {
      return Validity.INDETERMINATE;
    }

    @Override
    public Validity validateSubClassName(MapperConfig<?> config, JavaType base, String name) {
      if (!OWN_CLASSES.contains(name)) {
        throw foreign(name);
      }
      return Validity.ALLOWED;
    }

    @Override
    public Validity validateSubType(MapperConfig<?> config, JavaType base, JavaType type) {
      return Validity.ALLOWED;
    }
  }
}
