"""Made-up questions for tests: each group asks one thing in several wordings and languages."""

ALIKE: tuple[tuple[tuple[str, str], ...], ...] = (
    (
        ("en", "How do cities repair water wells together with villagers?"),
        ("en", "How can a city mend its wells with the people of the villages?"),
        ("ar", "كيف تصلح المدن آبار المياه بالتعاون مع أهل القرى؟"),
        ("fr", "Comment les villes réparent-elles les puits avec les villageois ?"),
    ),
    (
        ("en", "What did cities do for families of prisoners?"),
        ("en", "Which help did cities give to the families of people in prison?"),
        ("ar", "ماذا قدمت المدن لعائلات السجناء؟"),
        ("fr", "Qu’ont fait les villes pour les familles de prisonniers ?"),
    ),
    (
        ("en", "How is a mayor protected from threats on the internet?"),
        ("en", "How can we protect mayors against online threats?"),
        ("ar", "كيف نحمي رؤساء البلديات من التهديدات على الإنترنت؟"),
        ("fr", "Comment protéger les maires contre les menaces en ligne ?"),
    ),
    (
        ("en", "Where do cities find money for prevention work?"),
        ("en", "Who pays for the prevention work of cities?"),
        ("ar", "من أين تحصل المدن على المال لعمل الوقاية؟"),
        ("fr", "Où les villes trouvent-elles de l’argent pour la prévention ?"),
    ),
    (
        ("en", "Which city has a football programme for young people at risk?"),
        ("en", "Is there a city that uses football for youth at risk?"),
        ("ar", "أي مدينة لديها برنامج كرة قدم للشباب المعرضين للخطر؟"),
        ("fr", "Quelle ville a un programme de football pour les jeunes à risque ?"),
    ),
    (
        ("en", "How are teachers trained to notice radicalisation in schools?"),
        ("en", "How do we train school teachers to recognise radicalisation?"),
        ("ar", "كيف يُدرَّب المعلمون على ملاحظة التطرف في المدارس؟"),
        ("fr", "Comment former les enseignants à reconnaître la radicalisation à l’école ?"),
    ),
    (
        ("en", "What do cities do about hate speech during elections?"),
        ("en", "How did a city answer hate speech in an election?"),
        ("ar", "ماذا تفعل المدن إزاء خطاب الكراهية في الانتخابات؟"),
        ("fr", "Que font les villes contre les discours de haine pendant les élections ?"),
    ),
    (
        ("en", "How do libraries help people who came back from the war?"),
        ("en", "What can a public library do for those who return from war?"),
        ("ar", "كيف تساعد المكتبات العائدين من الحرب؟"),
        ("fr", "Comment les bibliothèques aident-elles ceux qui reviennent de la guerre ?"),
    ),
    (
        ("en", "How are street lights used against crime?"),
        ("en", "Does street lighting make crime go down?"),
        ("ar", "كيف تُستخدم إنارة الشوارع ضد الجريمة؟"),
        ("fr", "Comment l’éclairage des rues sert-il contre la criminalité ?"),
    ),
    (
        ("en", "Which laws let a city share data with the police?"),
        ("en", "By which law may cities give data to the police?"),
        ("ar", "ما القوانين التي تسمح للمدينة بمشاركة البيانات مع الشرطة؟"),
        ("fr", "Quelles lois permettent à une ville de partager des données avec la police ?"),
    ),
)
