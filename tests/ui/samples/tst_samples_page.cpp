// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractButton>
#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QSettings>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QStandardPaths>
#include <QTabBar>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTest>

#include "data/latent_source.h"
#include "data/sources/open_source.h"
#include "fake_source.h"
#include "fake_task.h"
#include "panels/samples/pictures_view.h"
#include "panels/samples/process_player.h"
#include "panels/samples/samples_page.h"
#include "panels/samples/training_strip.h"
#include "pictures/picture_sheet.h"
#include "pictures/sample_strip.h"
#include "session/dataset/dataset_session.h"
#include "session/runs/run_watch.h"
#include "session/runs/runs_session.h"
#include "session/training/training_session.h"

using namespace dw;

namespace {

/// Decodes to one colour; takes 4 channels.
class FakeDecoder : public inference::LatentDecoder {
 public:
  std::int64_t channels() const override { return 4; }
  std::vector<data::pictures::PreviewImage> decode(std::span<const float>, std::int64_t height,
                                                   std::int64_t width) const override {
    data::pictures::PreviewImage picture{
        .width = 8 * static_cast<int>(width), .height = 8 * static_cast<int>(height), .rgb = {}};
    for (int i = 0; i < picture.width * picture.height; ++i) picture.rgb.insert(picture.rgb.end(), {10, 200, 30});
    return {picture};
  }
};

}  // namespace

class TestSamplesPage : public QObject {
  Q_OBJECT

  std::unique_ptr<QTemporaryDir> folder_;
  std::shared_ptr<test::FakeModel> model_;
  std::unique_ptr<ui::TrainingSession> training_;
  std::unique_ptr<ui::DatasetSession> dataset_;
  std::unique_ptr<ui::RunsSession> runs_;
  std::unique_ptr<ui::SamplingSession> sampling_;
  std::unique_ptr<ui::SamplesPage> page_;

  template <typename T>
  T* child(const char* name) const {
    auto* found = page_->findChild<T*>(QLatin1String(name));
    if (!found) qFatal("no child %s", name);
    return found;
  }
  void click(const char* name) { QTest::mouseClick(child<QAbstractButton>(name), Qt::LeftButton); }
  /// A run with one checkpoint, chosen on the page.
  void train() {
    trainer::FreshRun request;
    request.recipe = config::builtinRecipe("quick");
    request.data = "demo";
    request.recipe.train.steps = 40;
    request.recipe.checkpoint = {.everyMinutes = 0, .every = 20, .keep = 9};
    request.folder = folder_->filePath(QStringLiteral("run")).toStdString();
    QVERIFY(training_->start(request));
    QTRY_COMPARE_WITH_TIMEOUT(training_->state(), messages::State::Finished, 30'000);
    runs_->refresh();
    QTRY_VERIFY_WITH_TIMEOUT(child<QAbstractButton>("sampleGo")->isEnabled(), 20'000);
    QTRY_VERIFY(child<QComboBox>("sampleLabel")->isEnabled());                            // the form fits the model
    QTRY_COMPARE_WITH_TIMEOUT(child<QComboBox>("sampleCheckpoint")->count(), 2, 20'000);  // those of steps 20 and 40
  }
  void sample() {
    QSignalSpy made(page_->sampling(), &ui::SamplingSession::made);
    click("sampleGo");
    QTRY_COMPARE_WITH_TIMEOUT(made.count(), 1, 20'000);
  }
  ui::PictureSheet* sheet() const { return child<ui::PictureSheet>("samplesSheet"); }

 private Q_SLOTS:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("dwb-test-samples-page"));
    QSettings().clear();
  }
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    model_ = std::make_shared<test::FakeModel>();
    training_ = std::make_unique<ui::TrainingSession>(test::fakeTasks());
    dataset_ = std::make_unique<ui::DatasetSession>(
        nullptr, [](const QString&, const data::OpenOptions&) { return std::make_shared<test::FakeSource>(50); });
    runs_ = std::make_unique<ui::RunsSession>(folder_->path().toStdString());
    inference::Backend backend{
        .open =
            [this](const std::filesystem::path& checkpoint, const inference::OpenOptions&) {
              if (!std::filesystem::exists(checkpoint))
                throw Error(ErrorKind::BadData, checkpoint, "there is no such checkpoint", "choose another one");
              model_->offset = checkpoint.filename() == "step-0000020" ? 100.0F : 0.0F;
              return model_;
            },
        .describe = [this](const std::filesystem::path&) { return model_->facts(); },
        .openDecoder = [](const std::filesystem::path& file) -> std::shared_ptr<const inference::LatentDecoder> {
          if (file.filename() == "good") return std::make_shared<FakeDecoder>();
          throw Error(ErrorKind::BadData, file, "this is no TAESD decoder", "choose another file");
        },
        .samplers = {{.kind = config::SamplerKind::Ddim, .eta = true},
                     {.kind = config::SamplerKind::Euler, .karras = true, .leading = false}}};
    sampling_ = std::make_unique<ui::SamplingSession>(std::move(backend));
    page_ = std::make_unique<ui::SamplesPage>(sampling_.get(), runs_.get(), training_.get(), dataset_.get());
    page_->resize(1208, 560);
    page_->show();
    QVERIFY(QTest::qWaitForWindowExposed(page_.get()));
  }
  void cleanup() {
    page_.reset();
    sampling_.reset();
    runs_.reset();
    dataset_.reset();
    training_.reset();
    folder_.reset();
  }

  void emptyPageSaysWhatToDo() {
    QVERIFY(!child<QAbstractButton>("sampleGo")->isEnabled());
    QVERIFY(child<QLabel>("samplesEmpty")->text().contains(QStringLiteral("Train first")));
  }

  void everyControlHasANameAndAnAccessibleName() {
    int controls = 0;
    for (const auto* widget : page_->findChildren<QWidget*>()) {
      const bool control = qobject_cast<const QAbstractButton*>(widget) || qobject_cast<const QComboBox*>(widget) ||
                           qobject_cast<const QSlider*>(widget) || qobject_cast<const QLineEdit*>(widget) ||
                           qobject_cast<const QAbstractSpinBox*>(widget) ||
                           qobject_cast<const ui::PictureSheet*>(widget);
      if (!control || widget->objectName().startsWith(QLatin1String("qt_")) ||
          qobject_cast<const QTabBar*>(widget->parentWidget()))
        continue;
      ++controls;
      QVERIFY2(!widget->objectName().isEmpty(), widget->metaObject()->className());
      const auto* button = qobject_cast<const QAbstractButton*>(widget);
      QVERIFY2(!widget->accessibleName().isEmpty() || (button && !button->text().isEmpty()),
               qPrintable(widget->objectName()));
    }
    QVERIFY(controls > 25);
  }

  void aHiddenPageWatchesNoRun() {
    train();
    QCOMPARE(page_->findChildren<ui::RunWatch*>().size(), 1);
    page_->hide();
    QVERIFY(page_->findChildren<ui::RunWatch*>().isEmpty());
    runs_->refresh();
    QSignalSpy listed(runs_.get(), &ui::RunsSession::listed);
    QVERIFY(listed.wait());
    QVERIFY(page_->findChildren<ui::RunWatch*>().isEmpty());
    QCOMPARE(child<QComboBox>("sampleCheckpoint")->count(), 2);  // what was seen stays
    page_->show();
    QCOMPARE(page_->findChildren<ui::RunWatch*>().size(), 1);
  }

  void samplesOfACheckpointAreShown() {
    train();
    child<QSpinBox>("sampleCount")->setValue(5);
    sample();
    QCOMPARE(sheet()->cells().size(), 5);
    QVERIFY(sheet()->cells()[0].picture.toImage() != sheet()->cells()[1].picture.toImage());
    QVERIFY(child<QLabel>("samplesNote")->text().contains(QStringLiteral("step 7")));
    child<QComboBox>("samplesKind")->setCurrentIndex(1);
    QCOMPARE(sheet()->cells()[0].picture.width(), 4 * sheet()->cells()[0].picture.height());
  }

  void classesAreAskedForByName() {
    train();
    auto* label = child<QComboBox>("sampleLabel");
    QTRY_COMPARE(label->count(), 4);
    label->setCurrentIndex(label->findText(QStringLiteral("square")));
    child<QSpinBox>("sampleCount")->setValue(2);
    sample();
    QCOMPARE(sheet()->cells()[1].caption, QStringLiteral("square"));
    label->setCurrentIndex(label->findData(-2));
    sample();
    QCOMPARE(sheet()->cells()[0].caption, QStringLiteral("circle"));
    QCOMPARE(sheet()->cells()[1].caption, QStringLiteral("square"));
  }

  void guidanceWithoutAClassIsRefusedAtTheForm() {
    train();
    auto* guidance = child<QLineEdit>("sampleGuidance");
    QTRY_VERIFY(guidance->isEnabled());
    guidance->setText(QStringLiteral("3"));
    click("sampleGo");
    auto* problem = child<QLabel>("sampleProblem");
    QTRY_VERIFY(problem->isVisible());
    QVERIFY(problem->text().contains(QStringLiteral("guidance needs")));
    QCOMPARE(model_->calls.load(), 0);
    QVERIFY(!guidance->styleSheet().isEmpty());  // the field is marked
    click("sampleFix");
    QCOMPARE(guidance->text(), QStringLiteral("1"));
    QVERIFY(!problem->isVisible() && guidance->styleSheet().isEmpty());
    sample();
  }

  void whatIsNoNumberIsRefusedAtItsField() {
    train();
    auto* seed = child<QLineEdit>("sampleSeed");
    seed->setText(QStringLiteral("first"));
    click("sampleGo");
    QVERIFY(child<QLabel>("sampleProblem")->text().contains(QStringLiteral("first")));
    QVERIFY(!seed->styleSheet().isEmpty());
    QVERIFY(!page_->sampling()->isBusy());
    click("sampleFix");
    QCOMPARE(seed->text(), QStringLiteral("0"));
    child<QLineEdit>("sampleGuidance")->setText(QStringLiteral("much"));
    click("sampleGo");
    QVERIFY(child<QLabel>("sampleProblem")->text().contains(QStringLiteral("much")));
  }

  void fieldsOfOtherModelsAndSamplersAreOutOfReach() {
    model_->changeFacts().model.classCond = 0;
    model_->changeFacts().averaged = false;
    trainer::FreshRun request;
    request.recipe = config::builtinRecipe("lecture");
    request.data = "demo";
    request.recipe.train.steps = 5;
    request.folder = folder_->filePath(QStringLiteral("run")).toStdString();
    QVERIFY(training_->start(request));
    QTRY_COMPARE_WITH_TIMEOUT(training_->state(), messages::State::Finished, 30'000);
    runs_->refresh();
    QTRY_VERIFY_WITH_TIMEOUT(!child<QCheckBox>("sampleEma")->isEnabled(), 20'000);
    QVERIFY(!child<QComboBox>("sampleLabel")->isEnabled());
    QVERIFY(!child<QLineEdit>("sampleGuidance")->isEnabled());
    QVERIFY(!child<QSpinBox>("sampleContext")->isVisible());
    QVERIFY(child<QLineEdit>("sampleEta")->isVisible() && !child<QCheckBox>("sampleKarras")->isVisible());
    child<QComboBox>("sampleSpacing")->setCurrentIndex(1);
    child<QComboBox>("sampler")->setCurrentIndex(1);  // knows no leading spacing
    QVERIFY(!child<QLineEdit>("sampleEta")->isVisible() && child<QCheckBox>("sampleKarras")->isVisible());
    QCOMPARE(child<QComboBox>("sampleSpacing")->currentIndex(), 0);
    child<QLineEdit>("sampleGuidance")->setText(QStringLiteral("3"));  // of an earlier model
    sample();
    QCOMPARE(sheet()->cells().size(), 16);
  }

  void aCheckpointOfAnotherShapeThanTheDatasetIsTold() {
    train();
    QSignalSpy opened(dataset_.get(), &ui::DatasetSession::opened);
    dataset_->open(QStringLiteral("/data/fake.h5"));  // 8 x 8, the model's samples are 4 x 4
    QVERIFY(opened.wait());
    dataset_->stopCheckUp();
    QVERIFY(child<QLabel>("sampleProblem")
                ->text()
                .contains(QStringLiteral("trained on samples of 4 x 4 x 4, the open dataset has 4 x 8 x 8")));
    sample();  // it can draw all the same
    dataset_->close();
    QVERIFY(!child<QLabel>("sampleProblem")->isVisible());
  }

  void aCheckpointThatIsGoneIsTold() {
    train();
    page_->showCheckpoint(folder_->filePath(QStringLiteral("run/checkpoints/step-0000030")));
    QSignalSpy failed(page_->sampling(), &ui::SamplingSession::failed);
    click("sampleGo");
    QTRY_COMPARE(failed.count(), 1);
    QVERIFY(child<QLabel>("sampleProblem")->text().contains(QStringLiteral("no such checkpoint")));
    QVERIFY(child<QAbstractButton>("sampleGo")->isEnabled());
  }

  void twoCheckpointsAreDrawnInOneGo() {
    train();
    QVERIFY(!child<QComboBox>("sampleBRun")->isVisible());
    child<QCheckBox>("sampleCompared")->setChecked(true);
    auto* second = child<QComboBox>("sampleBCheckpoint");
    QTRY_VERIFY_WITH_TIMEOUT(second->count() == 2, 20'000);
    second->setCurrentIndex(1);  // step 20; A is the newest, step 40
    Q_EMIT second->activated(1);
    child<QSpinBox>("sampleCount")->setValue(3);
    QSignalSpy made(page_->sampling(), &ui::SamplingSession::made);
    click("sampleGo");
    QTRY_COMPARE_WITH_TIMEOUT(made.count(), 2, 20'000);
    QVERIFY(child<QWidget>("samplesKeptSheet")->isVisible());
    QCOMPARE(sheet()->cells().size(), 3);
    child<QTabWidget>("samplesTabs")->setCurrentIndex(2);
    QCOMPARE((*child<ui::SampleStrip>("comparisonStrip")->entries()[2].values.values)[0], 100.0F);  // B - A
    child<QTabWidget>("samplesTabs")->setCurrentIndex(0);
    click("samplesDrop");
    QVERIFY(!child<QWidget>("samplesKeptSheet")->isVisible());
  }

  void numbersAreWrittenAsADataset() {
    train();
    child<QSpinBox>("sampleCount")->setValue(3);
    auto* label = child<QComboBox>("sampleLabel");
    label->setCurrentIndex(label->findData(-2));
    sample();
    auto* view = child<ui::PicturesView>("picturesView");
    for (const auto* name : {"out.npz", "out.safetensors"}) {
      QSignalSpy saved(view, &ui::PicturesView::saved);
      view->saveNumbersTo(folder_->filePath(QLatin1String(name)));
      QTRY_COMPARE_WITH_TIMEOUT(saved.count(), 1, 20'000);
      const auto source = data::sources::openSource(folder_->filePath(QLatin1String(name)).toStdString());
      QCOMPARE(source->info().samples, 3);
      QCOMPARE(source->labels()[1], 1);
      std::vector<float> values(static_cast<std::size_t>(source->info().sampleSize()));
      const std::int64_t sample = 2, crop = 0;
      source->read({&sample, 1}, {&crop, 1}, values);
      QCOMPARE(values[0], 2.0F);
    }
    QSignalSpy trouble(page_.get(), &ui::SamplesPage::troubleRaised);
    view->saveNumbersTo(folder_->filePath(QStringLiteral("out.txt")));
    QTRY_COMPARE_WITH_TIMEOUT(trouble.count(), 1, 20'000);
  }

  void decoderOfTheUserShowsPictures() {
    train();
    child<QSpinBox>("sampleCount")->setValue(3);
    sample();
    auto* view = child<ui::PicturesView>("picturesView");
    auto* kind = child<QComboBox>("samplesKind");
    QSignalSpy trouble(page_.get(), &ui::SamplesPage::troubleRaised);
    view->useDecoder(QStringLiteral("bad"));
    QTRY_COMPARE(trouble.count(), 1);
    QVERIFY(trouble[0][0].toString().contains(QStringLiteral("no TAESD decoder")));
    QCOMPARE(kind->currentIndex(), 0);
    view->useDecoder(QStringLiteral("good"));
    QTRY_COMPARE(sheet()->cells()[2].picture.width(), 32);
    QCOMPARE(sheet()->cells()[2].picture.toImage().pixelColor(5, 5), QColor(10, 200, 30));
    kind->setCurrentIndex(0);
    QCOMPARE(sheet()->cells()[2].picture.width(), 4);
  }

  void cancelIsAnsweredAtOnceAndEndsAfterThePresentCall() {
    train();
    model_->stepTime = std::chrono::milliseconds(100);
    QSignalSpy cancelled(page_->sampling(), &ui::SamplingSession::cancelled);
    click("sampleGo");
    QTRY_VERIFY(model_->calls.load() >= 1);
    QVERIFY(child<QProgressBar>("sampleProgress")->isVisible());
    click("sampleGo");
    QCOMPARE(child<QAbstractButton>("sampleGo")->text(), QStringLiteral("Cancelling …"));  // in the very click
    QTRY_COMPARE(cancelled.count(), 1);
    QVERIFY(model_->calls.load() < 50);
    QCOMPARE(child<QAbstractButton>("sampleGo")->text(), QStringLiteral("Sample"));
  }

  void processIsPlayedSteppedAndScrubbed() {
    train();
    child<QSpinBox>("sampleSteps")->setValue(20);
    sample();
    child<QTabWidget>("samplesTabs")->setCurrentIndex(1);
    auto* player = child<ui::ProcessPlayer>("processPlayer");
    auto* slider = child<QSlider>("processSlider");
    auto* strip = child<ui::SampleStrip>("processStrip");
    sheet()->setCurrent(2);  // its values end at 2
    QCOMPARE(slider->maximum(), 19);
    slider->setValue(9);
    QCOMPARE((*strip->entries()[0].values.values)[0], 1.0F);  // half of the way
    QCOMPARE((*strip->entries()[1].values.values)[0], 2.0F);
    click("processNext");
    QCOMPARE(slider->value(), 10);
    click("processBack");
    QCOMPARE(slider->value(), 9);
    click("processPlay");
    QVERIFY(player->isPlaying());
    QTRY_VERIFY(slider->value() > 9);
    click("processPlay");
    QVERIFY(!player->isPlaying());
    slider->setValue(18);
    QTest::keyClick(player, Qt::Key_Space);
    QTRY_VERIFY(!player->isPlaying());  // stops at the end
    QCOMPARE(slider->value(), 19);
  }

  void twoOrdersAreLaidSideBySide() {
    train();
    child<QSpinBox>("sampleSteps")->setValue(10);
    sample();
    click("samplesKeep");
    QVERIFY(!child<QAbstractButton>("samplesKeep")->isEnabled());
    child<QSpinBox>("sampleSteps")->setValue(20);
    child<QLineEdit>("sampleSeed")->setText(QStringLiteral("3"));
    sample();
    QVERIFY(child<QWidget>("samplesKeptSheet")->isVisible());
    child<QTabWidget>("samplesTabs")->setCurrentIndex(1);
    auto* strip = child<ui::SampleStrip>("processStrip");
    QCOMPARE(strip->entries().size(), 4);
    child<QSlider>("processSlider")->setValue(0);
    QVERIFY(strip->entries()[0].note.contains(QStringLiteral("step 1 of 10")));
    QVERIFY(strip->entries()[2].note.contains(QStringLiteral("step 1 of 20")));
    child<QTabWidget>("samplesTabs")->setCurrentIndex(2);
    auto* comparison = child<ui::SampleStrip>("comparisonStrip");
    QCOMPARE(comparison->entries().size(), 3);
    QCOMPARE((*comparison->entries()[2].values.values)[0], 3.0F);  // picture 0: B holds 3, A holds 0
    QVERIFY(child<QLabel>("comparisonNote")->text().contains(QStringLiteral("different noise")));
  }

  void picturesOfTrainingStandAlongTheSteps() {
    train();
    child<QTabWidget>("samplesTabs")->setCurrentIndex(3);
    QVERIFY(child<QLabel>("trainingStripNote")->text().contains(QStringLiteral("samples every")));
    QDir(folder_->filePath(QStringLiteral("run"))).mkpath(QStringLiteral("samples"));
    QImage picture(64, 32, QImage::Format_RGB32);
    picture.fill(Qt::red);
    for (const auto* name : {"step-0000500.png", "step-0000020.png"})
      QVERIFY(picture.save(folder_->filePath(QStringLiteral("run/samples/") + QLatin1String(name))));
    // empty: no picture
    QFile(folder_->filePath(QStringLiteral("run/samples/step-0000030.png"))).open(QIODevice::WriteOnly);
    auto* shown = child<ui::PictureSheet>("trainingSheet");
    QTRY_COMPARE_WITH_TIMEOUT(shown->cells().size(), 2, 10'000);
    QCOMPARE(shown->cells()[0].caption, QStringLiteral("step 20"));
  }
};

QTEST_MAIN(TestSamplesPage)
#include "tst_samples_page.moc"
